//! What a shop's owner asks, each with one typed query. The module is there once for each naming of the tables.

use chrono::{NaiveDate, NaiveDateTime};
use orm::prelude::*;
use rust_decimal::Decimal;

use super::super::answer::{Question, Rows, table};
use super::{
    Album, Artist, Customer, Employee, Genre, Invoice, InvoiceLine, MediaType, Playlist, PlaylistTrack, Track,
};

macro_rules! questions {
    ($($name:ident, $text:literal, [$($column:literal),*];)*) => {
        /// All of them.
        pub const ALL: &[Question] = &[$(Question {
            name: stringify!($name),
            text: $text,
            columns: &[$($column),*],
            ask: |db| Box::pin($name(db)),
        }),*];
    };
}
questions! {
    shop_in_numbers, "How much have we sold, to how many customers, and when?",
        ["invoices", "customers", "revenue", "average", "first", "last"];
    best_customers, "Who has spent the most in each country?", ["country", "customer", "spent"];
    albums_over_an_hour, "Which albums are longer than an hour?", ["album", "artist", "milliseconds"];
    never_sold, "Which tracks has nobody ever bought?", ["id", "track", "album"];
    who_reports_to_whom, "Who reports to whom?", ["employee", "title", "manager", "manager's manager", "reports", "theirs"];
    longest_of_each_genre, "Which are the three longest tracks of every genre?", ["genre", "track", "milliseconds"];
    revenue_by_month, "What did we earn month by month?", ["year", "month", "invoices", "revenue"];
    only_rock, "Who bought nothing but rock?", ["customer", "invoices"];
    rock_invoices, "Which were the largest sales of rock alone?", ["invoice", "country", "total"];
    playlist_lengths, "How long are the playlists, and how much of each is classical?",
        ["playlist", "tracks", "milliseconds", "classical", "genres"];
    without_albums, "Which artists have no album here?", ["id", "artist"];
    top_selling, "Which tracks sell best?", ["track", "sold", "earned"];
    average_by_country, "Where is the average invoice five or more?", ["country", "invoices", "average", "largest"];
    sales_by_agent, "What has each support agent sold?", ["agent", "customers", "invoices", "revenue"];
    longest_of_each_media_type, "Which is the longest track of each kind of file?",
        ["media type", "track", "artist", "milliseconds"];
    genre_shares, "What percentage of the revenue does each genre bring?", ["genre", "revenue", "percent"];
    lost_customers, "Who has bought nothing since July 2025?", ["id", "customer", "country"];
    duplicate_names, "Which track names come up again and again?", ["name", "tracks", "albums"];
    above_average, "Which invoices are above the average?", ["invoice", "customer", "total"];
    whole_rows, "What do the first tracks look like, with album and genre?", ["track", "album", "genre"];
    price_list, "What stands on the second page of the price list?", ["track", "album", "artist", "price"];
    search, "What does the search page find for long rock, jazz or metal by \"bl\" on a playlist of music?", ["id", "track"];
    last_invoices, "When did each customer last buy, and for how much?", ["customer", "contact", "when", "total"];
    length_bands, "How many tracks are short, usual and long?", ["length", "tracks", "average", "dearest"];
    companies, "How many customers buy for each company?", ["company", "customers"];
    wanted_artists, "Who are the artists number 1, 3 and 4000?", ["id", "artist"];
    live_albums, "Which live albums are there, with their long tracks?", ["artist", "album", "track"];
    genres_of_playlists, "Which genres are on each playlist?", ["playlist", "genre", "tracks"];
    cities, "To which cities do we sell?", ["country", "city"];
    busiest_days, "On which weekdays of which quarter do we sell?", ["quarter", "weekday", "invoices", "revenue"];
    best_days, "Which were our five best days?", ["day", "revenue"];
    jazz_buyers, "Who bought jazz, how much of it, and how much else?", ["customer", "jazz", "all"];
    much_listed, "Which tracks are on more than two playlists?", ["track", "playlists"];
    dearest_sale, "Which was the largest sale, and whose customer was it?", ["invoice", "customer", "agent", "total"];
    productive_artists, "Which artists have at least two albums?", ["artist", "albums", "latest"];
    half_reachable, "Which customers have either a phone or a fax, but not both?", ["customer", "phone", "fax"];
    playlist_prices, "What would it cost to buy each playlist?", ["playlist", "price"];
    revenue_by_year, "What did we earn each year, in the agents' own countries, and by how many agents?",
        ["year", "revenue", "at home", "agents"];
    typical_customer, "What does a customer spend, on average and at most, and how often?", ["average", "most", "invoices"];
    largest_three, "What is the average of our three largest sales, and the least of them?", ["average", "least"];
    countries, "To how many countries do we sell?", ["countries"];
    agents_abroad, "Who serves customers from other countries than their own?", ["agent", "customer", "country"];
}

/// July 2025.
fn july() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2025, 7, 1).unwrap_or_default().into()
}

/// What a customer has spent in all.
fn spent() -> Expr<Customer, Option<Decimal>> {
    Customer.invoices.total.sum()
}

/// First and last name.
fn customer_name() -> Expr<Customer, String> {
    Customer.first_name.concat(" ").concat(Customer.last_name)
}

/// First and last name.
fn employee_name() -> Expr<Employee, String> {
    Employee.first_name.concat(" ").concat(Employee.last_name)
}

/// All tracks of the invoice are rock.
fn is_rock() -> Q<Invoice> {
    Invoice.lines.all(InvoiceLine.track.genre.name.eq("Rock"))
}

async fn shop_in_numbers(db: &dyn Executor) -> Result<Rows> {
    let (first, last) = (Invoice.invoice_date.min(), Invoice.invoice_date.max());
    let of_all =
        (count_rows(), Invoice.customer.count_distinct(), Invoice.total.sum(), Invoice.total.avg(), first, last);
    table([Invoice::objects().aggregate(db, of_all).await?])
}

async fn best_customers(db: &dyn Executor) -> Result<Rows> {
    let same_country = Customer.country.eq(outer(Customer.country));
    let better = Customer::objects().filter(same_country & spent().gt(outer(spent())));
    let best = Customer::objects()
        .filter(Customer.country.is_not_null() & spent().is_not_null() & !exists(better))
        .order_by((Customer.country.asc(), Customer.customer_id.asc()))
        .values((Customer.country, customer_name(), spent()));
    table(best.all(db).await?)
}

async fn albums_over_an_hour(db: &dyn Executor) -> Result<Rows> {
    let length = Album.tracks.milliseconds.sum();
    let long = Album::objects()
        .filter(length.gt(3_600_000))
        .annotate(&length)
        .order_by((length.desc(), Album.album_id.asc()))
        .select_related(Album.artist);
    let mut rows = Vec::new();
    for (album, length) in long.all(db).await? {
        rows.push((album.title.clone(), album.artist.get()?.name.clone(), length));
    }
    table(rows)
}

async fn never_sold(db: &dyn Executor) -> Result<Rows> {
    let unsold = Track::objects()
        .filter(Track.invoice_lines.none(InvoiceLine.quantity.gt(0)))
        .order_by(Track.track_id.asc())
        .values((Track.track_id, Track.name, Track.album.title));
    table(unsold.all(db).await?)
}

async fn who_reports_to_whom(db: &dyn Executor) -> Result<Rows> {
    let ladder = Employee::objects().order_by(Employee.employee_id.asc()).values((
        employee_name(),
        Employee.title,
        Employee.manager.last_name,
        Employee.manager.manager.last_name,
        Employee.reports.count(),
        Employee.reports.reports.count(),
    ));
    table(ladder.all(db).await?)
}

async fn longest_of_each_genre(db: &dyn Executor) -> Result<Rows> {
    let longest = Genre.tracks.order_by((Track.milliseconds.desc(), Track.track_id.asc())).limit(3);
    let genres = Genre::objects().order_by(Genre.genre_id.asc()).prefetch_related(longest);
    let mut rows = Vec::new();
    for genre in genres.all(db).await? {
        rows.extend(genre.tracks.get()?.iter().map(|t| (genre.name.clone(), t.name.clone(), t.milliseconds)));
    }
    table(rows)
}

async fn revenue_by_month(db: &dyn Executor) -> Result<Rows> {
    let (year, month) = (Invoice.invoice_date.year(), Invoice.invoice_date.month());
    let months = Invoice::objects()
        .group_by((&year, &month))
        .annotate((count_rows(), Invoice.total.sum()))
        .order_by((year.asc(), month.asc()));
    table(months.all(db).await?)
}

async fn only_rock(db: &dyn Executor) -> Result<Rows> {
    let rockers = Customer::objects()
        .filter(Customer.invoices.exists() & Customer.invoices.all(is_rock()))
        .order_by(Customer.customer_id.asc())
        .values((customer_name(), Customer.invoices.count()));
    table(rockers.all(db).await?)
}

async fn rock_invoices(db: &dyn Executor) -> Result<Rows> {
    let sales = Invoice::objects()
        .filter(is_rock())
        .order_by((Invoice.total.desc(), Invoice.invoice_id.asc()))
        .limit(10)
        .values((Invoice.invoice_id, Invoice.billing_country, Invoice.total));
    table(sales.all(db).await?)
}

async fn playlist_lengths(db: &dyn Executor) -> Result<Rows> {
    let tracks = Playlist.tracks.count();
    let lengths = Playlist::objects()
        .annotate((
            &tracks,
            Playlist.tracks.milliseconds.sum(),
            Playlist.tracks.filter(Track.genre.name.eq("Classical")).count(),
            Playlist.tracks.genre.genre_id.count_distinct(),
        ))
        .order_by((tracks.desc(), Playlist.playlist_id.asc()));
    table(lengths.all(db).await?.into_iter().map(|(playlist, numbers)| (playlist.name, numbers)))
}

async fn without_albums(db: &dyn Executor) -> Result<Rows> {
    let idle = Artist::objects()
        .exclude(Artist.albums.exists())
        .order_by((Artist.name.asc().nulls_last(), Artist.artist_id.asc()))
        .values((Artist.artist_id, Artist.name));
    table(idle.all(db).await?)
}

async fn top_selling(db: &dyn Executor) -> Result<Rows> {
    let sold = Track.invoice_lines.quantity.sum();
    let earned = Track.invoice_lines.sum(InvoiceLine.unit_price * InvoiceLine.quantity);
    let top = Track::objects()
        .filter(sold.is_not_null())
        .annotate((&sold, &earned))
        .order_by((sold.desc(), earned.desc(), Track.track_id.asc()))
        .limit(10);
    table(top.all(db).await?.into_iter().map(|(track, numbers)| (track.name, numbers)))
}

async fn average_by_country(db: &dyn Executor) -> Result<Rows> {
    let average = Invoice.total.avg();
    let countries = Invoice::objects()
        .group_by(Invoice.billing_country)
        .having(average.ge(5) & count_rows().gt(1))
        .annotate((count_rows(), &average, Invoice.total.max()))
        .order_by((average.desc(), Invoice.billing_country.asc()));
    table(countries.all(db).await?)
}

async fn sales_by_agent(db: &dyn Executor) -> Result<Rows> {
    let revenue = Employee.customers.invoices.total.sum();
    let agents = Employee::objects()
        .filter(Employee.customers.exists())
        .order_by((revenue.desc(), Employee.employee_id.asc()))
        .values((employee_name(), Employee.customers.count(), Employee.customers.invoices.count(), &revenue));
    table(agents.all(db).await?)
}

async fn longest_of_each_media_type(db: &dyn Executor) -> Result<Rows> {
    let longest = MediaType.tracks.order_by((Track.milliseconds.desc(), Track.track_id.asc()));
    let types = MediaType::objects().order_by(MediaType.media_type_id.asc()).values((
        MediaType.name,
        longest.clone().first(Track.name),
        longest.first(Track.album.artist.name),
        MediaType.tracks.milliseconds.max(),
    ));
    table(types.all(db).await?)
}

async fn genre_shares(db: &dyn Executor) -> Result<Rows> {
    let price = || InvoiceLine.unit_price * InvoiceLine.quantity;
    let all = InvoiceLine::objects().scalar_of(price().sum());
    let revenue = Genre.tracks.invoice_lines.sum(price());
    let shares = Genre::objects()
        .filter(revenue.is_not_null())
        .order_by((revenue.desc(), Genre.genre_id.asc()))
        .values((Genre.name, &revenue, &revenue * 100 / all));
    table(shares.all(db).await?)
}

async fn lost_customers(db: &dyn Executor) -> Result<Rows> {
    let lost = Customer::objects()
        .exclude(Customer.invoices.any(Invoice.invoice_date.ge(july())))
        .order_by(Customer.customer_id.asc())
        .values((Customer.customer_id, customer_name(), Customer.country));
    table(lost.all(db).await?)
}

async fn duplicate_names(db: &dyn Executor) -> Result<Rows> {
    let names = Track::objects()
        .group_by(Track.name)
        .having(count_rows().gt(1))
        .annotate((count_rows(), Track.album.count_distinct()))
        .order_by((count_rows().desc(), Track.name.asc()));
    table(names.all(db).await?)
}

async fn above_average(db: &dyn Executor) -> Result<Rows> {
    let average: Expr<Invoice, _> = Invoice::objects().scalar_of(Invoice.total.avg());
    let large = Invoice::objects()
        .filter(Invoice.total.gt(average))
        .order_by((Invoice.total.desc(), Invoice.invoice_id.asc()))
        .values((Invoice.invoice_id, Invoice.customer.last_name, Invoice.total));
    table(large.all(db).await?)
}

async fn whole_rows(db: &dyn Executor) -> Result<Rows> {
    let first = Track::objects().order_by(Track.track_id.asc()).limit(20);
    let rows: Vec<(Track, Option<Album>, Option<Genre>)> =
        first.values((Track, Track.album.row(), Track.genre.row())).all(db).await?;
    table(rows.into_iter().map(|(track, album, genre)| (track.name, album.map(|a| a.title), genre.map(|g| g.name))))
}

/// A line of the price list.
#[derive(Projection)]
#[orm(of = Track)]
struct PriceTag {
    name: String,
    #[orm(Track.album.title)]
    album: Option<String>,
    #[orm(Track.album.artist.name)]
    artist: Option<String>,
    #[orm(Track.unit_price)]
    price: Decimal,
}

async fn price_list(db: &dyn Executor) -> Result<Rows> {
    let page = Track::objects()
        .order_by((Track.unit_price.desc(), Track.name.asc(), Track.track_id.asc()))
        .project::<PriceTag>()
        .offset(10)
        .limit(10);
    table(page.all(db).await?.into_iter().map(|tag| (tag.name, tag.album, tag.artist, tag.price)))
}

async fn search(db: &dyn Executor) -> Result<Rows> {
    // As they come from outside: names and values are text.
    let parameters = [
        ("album__artist__name__icontains", "bl"),
        ("milliseconds__gte", "180000"),
        ("genre__name__in", "Rock,Jazz,Metal"),
        ("playlists__name", "Music"),
    ];
    let wanted = Q::parse_all::<Track>(parameters)?;
    let found =
        Track::objects().filter(wanted).order_by(Track.track_id.asc()).values((Track.track_id, Track.name)).limit(30);
    table(found.all(db).await?)
}

async fn last_invoices(db: &dyn Executor) -> Result<Rows> {
    let last = Invoice::objects()
        .filter(Invoice.customer.eq(outer(Customer.customer_id)))
        .order_by((Invoice.invoice_date.desc(), Invoice.invoice_id.desc()))
        .limit(1);
    let customers = Customer::objects().order_by(Customer.customer_id.asc()).values((
        customer_name(),
        Customer.phone.coalesce(Customer.email),
        last.clone().values(Invoice.invoice_date).scalar(),
        last.values(Invoice.total).scalar(),
    ));
    table(customers.all(db).await?)
}

async fn length_bands(db: &dyn Executor) -> Result<Rows> {
    let band = when(Track.milliseconds.lt(180_000), "short").when(Track.milliseconds.lt(360_000), "usual");
    let band = band.otherwise("long");
    let bands = Track::objects()
        .group_by(&band)
        .annotate((count_rows(), Track.milliseconds.avg(), Track.unit_price.max()))
        .order_by(band.desc());
    table(bands.all(db).await?)
}

async fn companies(db: &dyn Executor) -> Result<Rows> {
    let company = Customer.company.coalesce("(private)");
    let companies =
        Customer::objects().group_by(&company).annotate(count_rows()).order_by((count_rows().desc(), company.asc()));
    table(companies.all(db).await?)
}

async fn wanted_artists(db: &dyn Executor) -> Result<Rows> {
    let artists = Artist::objects().in_bulk(db, [1, 3, 4000]).await?;
    let mut rows: Vec<_> = artists.into_values().map(|artist| (artist.artist_id, artist.name)).collect();
    rows.sort();
    table(rows)
}

async fn live_albums(db: &dyn Executor) -> Result<Rows> {
    let long = Album.tracks.filter(Track.milliseconds.gt(300_000)).order_by(Track.track_id.asc());
    let live = Artist.albums.filter(Album.title.contains("Live")).order_by(Album.album_id.asc()).prefetch_related(long);
    let artists = Artist::objects()
        .filter(Artist.albums.any(Album.title.contains("Live")))
        .order_by(Artist.artist_id.asc())
        .prefetch_related(live);
    let mut rows = Vec::new();
    for artist in artists.all(db).await? {
        for album in artist.albums.get()? {
            for track in album.tracks.get()? {
                rows.push((artist.name.clone(), album.title.clone(), track.name.clone()));
            }
        }
    }
    table(rows)
}

async fn genres_of_playlists(db: &dyn Executor) -> Result<Rows> {
    let track = Playlist.tracks.each();
    let genres = Playlist::objects()
        .group_by((Playlist.playlist_id, track.genre.name))
        .annotate(track.track_id.count())
        .order_by((Playlist.playlist_id.asc(), track.genre.name.asc()));
    table(genres.all(db).await?)
}

async fn cities(db: &dyn Executor) -> Result<Rows> {
    let cities = Invoice::objects()
        .values((Invoice.billing_country, Invoice.billing_city))
        .distinct()
        .order_by((Invoice.billing_country.asc(), Invoice.billing_city.asc()));
    table(cities.all(db).await?)
}

async fn busiest_days(db: &dyn Executor) -> Result<Rows> {
    let (quarter, weekday) = (Invoice.invoice_date.quarter(), Invoice.invoice_date.weekday());
    let days = Invoice::objects()
        .group_by((&quarter, &weekday))
        .annotate((count_rows(), Invoice.total.sum()))
        .order_by((quarter.asc(), weekday.asc()));
    table(days.all(db).await?)
}

async fn best_days(db: &dyn Executor) -> Result<Rows> {
    let (day, revenue) = (Invoice.invoice_date.date(), Invoice.total.sum());
    let days = Invoice::objects().group_by(&day).annotate(&revenue).order_by((revenue.desc(), day.asc())).limit(5);
    table(days.all(db).await?)
}

async fn jazz_buyers(db: &dyn Executor) -> Result<Rows> {
    let is_jazz = || InvoiceLine.track.genre.name.eq("Jazz");
    let jazz = Customer.invoices.lines.filter(is_jazz()).sum(InvoiceLine.quantity);
    let buyers = Customer::objects()
        .filter(Customer.invoices.lines.any(is_jazz()))
        .order_by((jazz.desc(), Customer.customer_id.asc()))
        .values((customer_name(), &jazz, Customer.invoices.lines.quantity.sum()));
    table(buyers.all(db).await?)
}

async fn much_listed(db: &dyn Executor) -> Result<Rows> {
    let lists = Track.playlists.count();
    let tracks = Track::objects()
        .filter(lists.gt(2))
        .order_by((lists.desc(), Track.track_id.asc()))
        .limit(20)
        .values((Track.name, &lists));
    table(tracks.all(db).await?)
}

async fn dearest_sale(db: &dyn Executor) -> Result<Rows> {
    let sales = Invoice::objects()
        .select_related(Invoice.customer.agent)
        .order_by((Invoice.total.desc(), Invoice.invoice_id.asc()));
    let mut rows = Vec::new();
    if let Some(sale) = sales.first(db).await? {
        let customer = sale.customer.get()?;
        let agent = customer.agent.as_ref().map(ForeignKey::get).transpose()?;
        rows.push((sale.invoice_id, customer.last_name.clone(), agent.map(|a| a.last_name.clone()), sale.total));
    }
    table(rows)
}

async fn productive_artists(db: &dyn Executor) -> Result<Rows> {
    let albums = rev(Album.artist).count();
    let latest = Artist.albums.order_by(Album.album_id.desc()).first(Album.title);
    let artists = Artist::objects().filter(albums.ge(2)).order_by((albums.desc(), Artist.artist_id.asc())).values((
        Artist.name,
        &albums,
        latest,
    ));
    table(artists.all(db).await?)
}

async fn half_reachable(db: &dyn Executor) -> Result<Rows> {
    let customers = Customer::objects()
        .filter(Customer.phone.is_null() ^ Customer.fax.is_null())
        .order_by(Customer.customer_id.asc())
        .values((customer_name(), Customer.phone, Customer.fax));
    table(customers.all(db).await?)
}

async fn playlist_prices(db: &dyn Executor) -> Result<Rows> {
    let price = PlaylistTrack.track.unit_price.sum();
    let prices = PlaylistTrack::objects()
        .group_by((PlaylistTrack.playlist, PlaylistTrack.playlist.name))
        .annotate(&price)
        .order_by((price.desc(), PlaylistTrack.playlist.asc()));
    table(prices.all(db).await?.into_iter().map(|((_, name), price)| (name, price)))
}

async fn agents_abroad(db: &dyn Executor) -> Result<Rows> {
    let abroad = Customer::objects()
        .filter(Customer.agent.is_not_null() & Customer.country.ne(Customer.agent.country))
        .order_by((Customer.agent.asc(), Customer.customer_id.asc()))
        .values((Customer.agent.last_name, customer_name(), Customer.country));
    table(abroad.all(db).await?)
}

async fn revenue_by_year(db: &dyn Executor) -> Result<Rows> {
    let (year, agent) = (Invoice.invoice_date.year(), Invoice.customer.agent);
    let at_home = Invoice.total.sum().filter(Invoice.customer.country.eq(agent.country));
    let years = Invoice::objects()
        .group_by(&year)
        .annotate((Invoice.total.sum(), at_home, agent.employee_id.count_distinct()))
        .order_by(year.asc());
    table(years.all(db).await?)
}

async fn typical_customer(db: &dyn Executor) -> Result<Rows> {
    let numbers = (spent().avg(), spent().max(), Customer.invoices.count().avg());
    table([Customer::objects().aggregate(db, numbers).await?])
}

async fn largest_three(db: &dyn Executor) -> Result<Rows> {
    let largest = Invoice::objects().order_by((Invoice.total.desc(), Invoice.invoice_id.asc())).limit(3);
    table([largest.aggregate(db, (Invoice.total.avg(), Invoice.total.min())).await?])
}

async fn countries(db: &dyn Executor) -> Result<Rows> {
    let countries = Invoice::objects().filter(Invoice.billing_country.is_not_null()).values(Invoice.billing_country);
    table([countries.distinct().count(db).await?])
}
