//! The eleven tables as models. A naming gives the case of the columns, and the names that do not follow from it.

/// Makes the models and questions of the module that it stands in, for one naming.
macro_rules! shop {
    (
        $case:literal,
        album: $album:literal, artist: $artist:literal, customer: $customer:literal, employee: $employee:literal,
        genre: $genre:literal, invoice: $invoice:literal, invoice_line: $invoice_line:literal,
        media_type: $media_type:literal, playlist: $playlist:literal, playlist_track: $playlist_track:literal,
        track: $track:literal, reports_to: $reports_to:literal, support_rep: $support_rep:literal,
        playlist_id: $playlist_id:literal, track_id: $track_id:literal $(,)?
    ) => {
        use chrono::NaiveDateTime;
        use orm::prelude::*;
        use rust_decimal::Decimal;

        #[path = "questions.rs"]
        #[allow(clippy::duplicate_mod)]
        pub mod questions;

        /// Who plays.
        #[derive(Model, Debug, Clone)]
        #[orm(managed = false, rename_all = $case, table = $artist)]
        pub struct Artist {
            #[orm(primary_key)]
            pub artist_id: i32,
            #[orm(max_length = 120)]
            pub name: Option<String>,
            pub albums: HasMany<Album>,
        }

        /// A record of an artist.
        #[derive(Model, Debug, Clone)]
        #[orm(managed = false, rename_all = $case, table = $album)]
        pub struct Album {
            #[orm(primary_key)]
            pub album_id: i32,
            #[orm(max_length = 160)]
            pub title: String,
            #[orm(on_delete = NoAction)]
            pub artist: ForeignKey<Artist>,
            pub tracks: HasMany<Track>,
        }

        /// A style of music.
        #[derive(Model, Debug, Clone)]
        #[orm(managed = false, rename_all = $case, table = $genre)]
        pub struct Genre {
            #[orm(primary_key)]
            pub genre_id: i32,
            #[orm(max_length = 120)]
            pub name: Option<String>,
            pub tracks: HasMany<Track>,
        }

        /// A format of files.
        #[derive(Model, Debug, Clone)]
        #[orm(managed = false, rename_all = $case, table = $media_type)]
        pub struct MediaType {
            #[orm(primary_key)]
            pub media_type_id: i32,
            #[orm(max_length = 120)]
            pub name: Option<String>,
            pub tracks: HasMany<Track>,
        }

        /// What is sold.
        #[derive(Model, Debug, Clone)]
        #[orm(managed = false, rename_all = $case, table = $track)]
        pub struct Track {
            #[orm(primary_key)]
            pub track_id: i32,
            #[orm(max_length = 200)]
            pub name: String,
            #[orm(on_delete = NoAction)]
            pub album: Option<ForeignKey<Album>>,
            #[orm(on_delete = NoAction)]
            pub media_type: ForeignKey<MediaType>,
            #[orm(on_delete = NoAction)]
            pub genre: Option<ForeignKey<Genre>>,
            #[orm(max_length = 220)]
            pub composer: Option<String>,
            pub milliseconds: i32,
            pub bytes: Option<i32>,
            #[orm(max_digits = 10, decimal_places = 2)]
            pub unit_price: Decimal,
            pub invoice_lines: HasMany<InvoiceLine>,
            #[orm(via = tracks)]
            pub playlists: ManyToMany<Playlist>,
        }

        /// A list of tracks.
        #[derive(Model, Debug, Clone)]
        #[orm(managed = false, rename_all = $case, table = $playlist)]
        pub struct Playlist {
            #[orm(primary_key)]
            pub playlist_id: i32,
            #[orm(max_length = 120)]
            pub name: Option<String>,
            #[orm(join_table = $playlist_track, join_from = $playlist_id, join_to = $track_id)]
            pub tracks: ManyToMany<Track>,
        }

        /// The table between playlists and tracks, as rows.
        #[derive(Model, Debug, Clone)]
        #[orm(managed = false, rename_all = $case, table = $playlist_track, primary_key = "playlist, track")]
        pub struct PlaylistTrack {
            #[orm(on_delete = NoAction)]
            pub playlist: ForeignKey<Playlist>,
            #[orm(on_delete = NoAction)]
            pub track: ForeignKey<Track>,
        }

        /// Who works in the shop.
        #[derive(Model, Debug, Clone)]
        #[orm(managed = false, rename_all = $case, table = $employee)]
        pub struct Employee {
            #[orm(primary_key)]
            pub employee_id: i32,
            #[orm(max_length = 20)]
            pub last_name: String,
            #[orm(max_length = 20)]
            pub first_name: String,
            #[orm(max_length = 30)]
            pub title: Option<String>,
            #[orm(on_delete = NoAction, column = $reports_to)]
            pub manager: Option<ForeignKey<Employee>>,
            pub birth_date: Option<NaiveDateTime>,
            pub hire_date: Option<NaiveDateTime>,
            #[orm(max_length = 70)]
            pub address: Option<String>,
            #[orm(max_length = 40)]
            pub city: Option<String>,
            #[orm(max_length = 40)]
            pub state: Option<String>,
            #[orm(max_length = 40)]
            pub country: Option<String>,
            #[orm(max_length = 10)]
            pub postal_code: Option<String>,
            #[orm(max_length = 24)]
            pub phone: Option<String>,
            #[orm(max_length = 24)]
            pub fax: Option<String>,
            #[orm(max_length = 60)]
            pub email: Option<String>,
            #[orm(via = manager)]
            pub reports: HasMany<Employee>,
            #[orm(via = agent)]
            pub customers: HasMany<Customer>,
        }

        /// Who buys.
        #[derive(Model, Debug, Clone)]
        #[orm(managed = false, rename_all = $case, table = $customer)]
        pub struct Customer {
            #[orm(primary_key)]
            pub customer_id: i32,
            #[orm(max_length = 40)]
            pub first_name: String,
            #[orm(max_length = 20)]
            pub last_name: String,
            #[orm(max_length = 80)]
            pub company: Option<String>,
            #[orm(max_length = 70)]
            pub address: Option<String>,
            #[orm(max_length = 40)]
            pub city: Option<String>,
            #[orm(max_length = 40)]
            pub state: Option<String>,
            #[orm(max_length = 40)]
            pub country: Option<String>,
            #[orm(max_length = 10)]
            pub postal_code: Option<String>,
            #[orm(max_length = 24)]
            pub phone: Option<String>,
            #[orm(max_length = 24)]
            pub fax: Option<String>,
            #[orm(max_length = 60)]
            pub email: String,
            #[orm(on_delete = NoAction, column = $support_rep)]
            pub agent: Option<ForeignKey<Employee>>,
            pub invoices: HasMany<Invoice>,
        }

        /// A sale.
        #[derive(Model, Debug, Clone)]
        #[orm(managed = false, rename_all = $case, table = $invoice)]
        pub struct Invoice {
            #[orm(primary_key)]
            pub invoice_id: i32,
            #[orm(on_delete = NoAction)]
            pub customer: ForeignKey<Customer>,
            pub invoice_date: NaiveDateTime,
            #[orm(max_length = 70)]
            pub billing_address: Option<String>,
            #[orm(max_length = 40)]
            pub billing_city: Option<String>,
            #[orm(max_length = 40)]
            pub billing_state: Option<String>,
            #[orm(max_length = 40)]
            pub billing_country: Option<String>,
            #[orm(max_length = 10)]
            pub billing_postal_code: Option<String>,
            #[orm(max_digits = 10, decimal_places = 2)]
            pub total: Decimal,
            pub lines: HasMany<InvoiceLine>,
        }

        /// One track of a sale.
        #[derive(Model, Debug, Clone)]
        #[orm(managed = false, rename_all = $case, table = $invoice_line)]
        pub struct InvoiceLine {
            #[orm(primary_key)]
            pub invoice_line_id: i32,
            #[orm(on_delete = NoAction)]
            pub invoice: ForeignKey<Invoice>,
            #[orm(on_delete = NoAction)]
            pub track: ForeignKey<Track>,
            #[orm(max_digits = 10, decimal_places = 2)]
            pub unit_price: Decimal,
            pub quantity: i32,
        }
    };
}
