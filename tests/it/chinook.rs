//! A music shop that the library did not make: every answer of the example `chinook` against SQL written by hand.

#[path = "../../examples/chinook/shop/mod.rs"]
mod shop;

use std::path::{Path, PathBuf};

use chrono::{NaiveDate, NaiveDateTime};
use orm::Result;
use orm::prelude::*;
use orm::value::{Kind, Row};
use rust_decimal::Decimal;

use crate::harness::{Outcome, rows_of};
use crate::suite;
use shop::answer::{Cells, Rows};
use shop::data;

suite!([]; made_up_shop, real_shop);

async fn made_up_shop(db: Db) -> Outcome {
    data::fill(&db).await?;
    check(&db, "the made-up shop", true).await
}

async fn real_shop(db: Db) -> Outcome {
    let name = db.dialect().name();
    let Some(folder) = std::env::var_os("ORM_TEST_DATA").map(PathBuf::from) else {
        println!("{name}: without ORM_TEST_DATA (a folder with Chinook's files), only the made-up shop is asked");
        return Ok(());
    };
    if name != "sqlite" {
        data::load(&db, &folder).await?;
        return check(&db, "Chinook's own rows", false).await;
    }
    let copy = Copy(std::env::temp_dir().join(format!("orm_it_chinook_{}.sqlite", std::process::id())));
    let (db, _) = data::open(&format!("sqlite:{}", copy.0.display()), Some(&folder)).await?;
    let outcome = check(&db, "Chinook's own rows", false).await;
    db.close().await;
    outcome
}

/// A file that goes when the test ends.
struct Copy(PathBuf);

impl Drop for Copy {
    fn drop(&mut self) {
        for ending in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(Path::new(&format!("{}{ending}", self.0.display())));
        }
    }
}

/// Asks every question both ways. What differs is told for all of them at once.
async fn check(db: &Db, whose: &str, all_have_rows: bool) -> Outcome {
    let questions = shop::questions(db);
    let mut wrong = Vec::new();
    for question in questions {
        let Some((_, kinds, sql)) = BY_HAND.iter().find(|(name, ..)| *name == question.name) else {
            wrong.push(format!("{} ({}): there is no SQL by hand", question.name, question.text));
            continue;
        };
        let answer = (question.ask)(db).await.map_err(|e| format!("{e:?}"));
        let expected = by_hand(db, kinds, sql).await.map_err(|e| format!("by hand: {e:?}"));
        match (answer, expected) {
            (Ok(answer), Ok(expected)) if expected.iter().any(|row| row.len() != question.columns.len()) => {
                wrong.push(format!("{}: {answer:?} has other columns than {:?}", question.name, question.columns));
            }
            (Ok(answer), Ok(expected)) => wrong.extend(difference(question.name, &answer, &expected, all_have_rows)),
            (answer, expected) => {
                let errors = answer.err().into_iter().chain(expected.err());
                wrong.extend(errors.map(|error| format!("{}: {error}", question.name)));
            }
        }
    }
    println!("{}: {} questions asked of {whose}", db.dialect().name(), questions.len());
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn difference(name: &str, answer: &Rows, expected: &Rows, has_rows: bool) -> Option<String> {
    if has_rows && answer.is_empty() {
        return Some(format!("{name}: no row shows that it works"));
    }
    if answer.len() != expected.len() {
        return Some(format!("{name}: {} rows, by hand {}", answer.len(), expected.len()));
    }
    let row = answer.iter().zip(expected).position(|(a, b)| a != b)?;
    Some(format!("{name}: row {row} is {:?}, by hand {:?}", answer[row], expected[row]))
}

/// What the columns hold is a letter each: `i`nteger, `t`ext, `m`oney, a decimal with `6` places, `f`loat, `d`ay, `w`hen.
async fn by_hand(db: &Db, kinds: &str, sql: &str) -> Result<Rows> {
    let floats = db.dialect().scaled_decimals();
    let kind = |letter: char| match letter {
        'i' => Kind::Int64,
        't' => Kind::TEXT,
        // Where there are no decimals, Chinook has floats.
        'm' | '6' if floats => Kind::Float64,
        'm' => Kind::Decimal { digits: 38, places: 2 },
        '6' => Kind::Decimal { digits: 38, places: 6 },
        'f' => Kind::Float64,
        'd' => Kind::Date,
        _ => Kind::DateTime,
    };
    let columns: Vec<Kind> = kinds.chars().map(kind).collect();
    let letters = kinds.to_owned();
    rows_of(db, &words(&data::spelt(sql, db), db), &columns, move |row| {
        let mut cells = Vec::new();
        for letter in letters.chars() {
            cell(row, letter, floats, &mut cells)?;
        }
        Ok(cells)
    })
    .await
}

fn cell(row: &mut Row<'_>, letter: char, floats: bool, to: &mut Vec<String>) -> Result<()> {
    match letter {
        'i' => row.get::<Option<i64>>()?.cells(to),
        't' => row.get::<Option<String>>()?.cells(to),
        'm' | '6' if floats => {
            let places = if letter == 'm' { 2 } else { 6 };
            let number = row.get::<Option<f64>>()?;
            number.and_then(|n| format!("{n:.places$}").parse::<Decimal>().ok()).cells(to);
        }
        'm' | '6' => row.get::<Option<Decimal>>()?.cells(to),
        'f' => row.get::<Option<f64>>()?.cells(to),
        'd' => row.get::<Option<NaiveDate>>()?.cells(to),
        _ => row.get::<Option<NaiveDateTime>>()?.cells(to),
    }
    Ok(())
}

/// Spells what no two databases spell alike: `@year(x)` and so on. Their arguments hold no parentheses.
fn words(sql: &str, db: &dyn Executor) -> String {
    let dialect = match db.dialect().name() {
        "sqlite" => 1,
        "postgres" => 2,
        _ => 3,
    };
    WORDS.iter().fold(sql.to_owned(), |mut sql, word| {
        while let Some(start) = sql.find(word[0]) {
            let (inner, end) = (start + word[0].len(), sql[start..].find(')').map_or(sql.len(), |at| start + at));
            let spelt = word[dialect].replace("{}", &sql[inner..end]);
            sql.replace_range(start..=end, &spelt);
        }
        sql
    })
}

const WORDS: [[&str; 4]; 7] = [
    ["@year(", "CAST(strftime('%Y', {}) AS INTEGER)", "EXTRACT(YEAR FROM {})::BIGINT", "YEAR({})"],
    ["@month(", "CAST(strftime('%m', {}) AS INTEGER)", "EXTRACT(MONTH FROM {})::BIGINT", "MONTH({})"],
    ["@quarter(", "((CAST(strftime('%m', {}) AS INTEGER) + 2) / 3)", "EXTRACT(QUARTER FROM {})::BIGINT", "QUARTER({})"],
    ["@weekday(", "CAST(strftime('%u', {}) AS INTEGER)", "EXTRACT(ISODOW FROM {})::BIGINT", "(WEEKDAY({}) + 1)"],
    ["@day(", "date({})", "CAST({} AS DATE)", "CAST({} AS DATE)"],
    ["@live(", "instr({}, 'Live') > 0", "strpos({}, 'Live') > 0", "INSTR({}, 'Live') > 0"],
    ["@float(", "CAST({} AS REAL)", "CAST({} AS FLOAT8)", "CAST({} AS DOUBLE)"],
];

/// Each question by its name, with what its columns hold.
const BY_HAND: &[(&str, &str, &str)] = &[
    (
        "shop_in_numbers",
        "iim6ww",
        "SELECT COUNT(*), COUNT(DISTINCT `CustomerId`), SUM(`Total`), ROUND(AVG(`Total`), 6), MIN(`InvoiceDate`),
         MAX(`InvoiceDate`) FROM `Invoice`",
    ),
    (
        "best_customers",
        "ttm",
        "WITH s AS (SELECT `CustomerId` AS id, ROUND(SUM(`Total`), 2) AS spent FROM `Invoice` GROUP BY `CustomerId`)
         SELECT c.`Country`, CONCAT(c.`FirstName`, ' ', c.`LastName`), s.spent FROM `Customer` c
         JOIN s ON s.id = c.`CustomerId` WHERE s.spent = (SELECT MAX(o.spent) FROM `Customer` d
         JOIN s o ON o.id = d.`CustomerId` WHERE d.`Country` = c.`Country`) ORDER BY c.`Country`, c.`CustomerId`",
    ),
    (
        "albums_over_an_hour",
        "tti",
        "SELECT a.`Title`, r.`Name`, SUM(t.`Milliseconds`) FROM `Album` a JOIN `Artist` r ON r.`ArtistId` = a.`ArtistId`
         JOIN `Track` t ON t.`AlbumId` = a.`AlbumId` GROUP BY a.`AlbumId`, a.`Title`, r.`Name`
         HAVING SUM(t.`Milliseconds`) > 3600000 ORDER BY SUM(t.`Milliseconds`) DESC, a.`AlbumId`",
    ),
    (
        "never_sold",
        "itt",
        "SELECT t.`TrackId`, t.`Name`, a.`Title` FROM `Track` t LEFT JOIN `Album` a ON a.`AlbumId` = t.`AlbumId`
         LEFT JOIN `InvoiceLine` l ON l.`TrackId` = t.`TrackId` WHERE l.`TrackId` IS NULL ORDER BY t.`TrackId`",
    ),
    (
        "who_reports_to_whom",
        "ttttii",
        "SELECT CONCAT(e.`FirstName`, ' ', e.`LastName`), e.`Title`, m.`LastName`, b.`LastName`,
         (SELECT COUNT(*) FROM `Employee` r WHERE r.`ReportsTo` = e.`EmployeeId`),
         (SELECT COUNT(*) FROM `Employee` r JOIN `Employee` q ON q.`ReportsTo` = r.`EmployeeId`
         WHERE r.`ReportsTo` = e.`EmployeeId`) FROM `Employee` e LEFT JOIN `Employee` m ON m.`EmployeeId` = e.`ReportsTo`
         LEFT JOIN `Employee` b ON b.`EmployeeId` = m.`ReportsTo` ORDER BY e.`EmployeeId`",
    ),
    (
        "longest_of_each_genre",
        "tti",
        "SELECT s.genre, s.track, s.ms FROM (SELECT g.`GenreId` AS id, g.`Name` AS genre, t.`Name` AS track,
         t.`Milliseconds` AS ms, ROW_NUMBER() OVER (PARTITION BY g.`GenreId` ORDER BY t.`Milliseconds` DESC, t.`TrackId`)
         AS place FROM `Genre` g JOIN `Track` t ON t.`GenreId` = g.`GenreId`) s WHERE s.place <= 3 ORDER BY s.id, s.place",
    ),
    (
        "revenue_by_month",
        "iiim",
        "SELECT @year(`InvoiceDate`), @month(`InvoiceDate`), COUNT(*), SUM(`Total`) FROM `Invoice` GROUP BY 1, 2
         ORDER BY 1, 2",
    ),
    (
        "only_rock",
        "ti",
        "SELECT CONCAT(c.`FirstName`, ' ', c.`LastName`), COUNT(DISTINCT i.`InvoiceId`) FROM `Customer` c
         JOIN `Invoice` i ON i.`CustomerId` = c.`CustomerId` JOIN `InvoiceLine` l ON l.`InvoiceId` = i.`InvoiceId`
         JOIN `Track` t ON t.`TrackId` = l.`TrackId` LEFT JOIN `Genre` g ON g.`GenreId` = t.`GenreId`
         GROUP BY c.`CustomerId`, c.`FirstName`, c.`LastName`
         HAVING COUNT(*) = COUNT(CASE WHEN g.`Name` = 'Rock' THEN 1 END) ORDER BY c.`CustomerId`",
    ),
    (
        "rock_invoices",
        "itm",
        "SELECT i.`InvoiceId`, i.`BillingCountry`, i.`Total` FROM `Invoice` i
         JOIN `InvoiceLine` l ON l.`InvoiceId` = i.`InvoiceId` JOIN `Track` t ON t.`TrackId` = l.`TrackId`
         LEFT JOIN `Genre` g ON g.`GenreId` = t.`GenreId` GROUP BY i.`InvoiceId`, i.`BillingCountry`, i.`Total`
         HAVING COUNT(*) = COUNT(CASE WHEN g.`Name` = 'Rock' THEN 1 END) ORDER BY i.`Total` DESC, i.`InvoiceId` LIMIT 10",
    ),
    (
        "playlist_lengths",
        "tiiii",
        "SELECT p.`Name`, COUNT(t.`TrackId`), SUM(t.`Milliseconds`), COUNT(CASE WHEN g.`Name` = 'Classical' THEN 1 END),
         COUNT(DISTINCT t.`GenreId`) FROM `Playlist` p LEFT JOIN `PlaylistTrack` x ON x.`PlaylistId` = p.`PlaylistId`
         LEFT JOIN `Track` t ON t.`TrackId` = x.`TrackId` LEFT JOIN `Genre` g ON g.`GenreId` = t.`GenreId`
         GROUP BY p.`PlaylistId`, p.`Name` ORDER BY COUNT(t.`TrackId`) DESC, p.`PlaylistId`",
    ),
    (
        "without_albums",
        "it",
        "SELECT `ArtistId`, `Name` FROM `Artist` WHERE `ArtistId` NOT IN (SELECT `ArtistId` FROM `Album`)
         ORDER BY CASE WHEN `Name` IS NULL THEN 1 ELSE 0 END, `Name`, `ArtistId`",
    ),
    (
        "top_selling",
        "tim",
        "SELECT t.`Name`, SUM(l.`Quantity`), SUM(l.`UnitPrice` * l.`Quantity`) FROM `Track` t
         JOIN `InvoiceLine` l ON l.`TrackId` = t.`TrackId` GROUP BY t.`TrackId`, t.`Name`
         ORDER BY SUM(l.`Quantity`) DESC, ROUND(SUM(l.`UnitPrice` * l.`Quantity`), 2) DESC, t.`TrackId` LIMIT 10",
    ),
    (
        "average_by_country",
        "ti6m",
        "SELECT `BillingCountry`, COUNT(*), ROUND(AVG(`Total`), 6), MAX(`Total`) FROM `Invoice` GROUP BY `BillingCountry`
         HAVING ROUND(AVG(`Total`), 6) >= 5 AND COUNT(*) > 1 ORDER BY ROUND(AVG(`Total`), 6) DESC, `BillingCountry`",
    ),
    (
        "sales_by_agent",
        "tiim",
        "SELECT CONCAT(e.`FirstName`, ' ', e.`LastName`), COUNT(DISTINCT c.`CustomerId`), COUNT(i.`InvoiceId`),
         SUM(i.`Total`) FROM `Employee` e JOIN `Customer` c ON c.`SupportRepId` = e.`EmployeeId`
         LEFT JOIN `Invoice` i ON i.`CustomerId` = c.`CustomerId` GROUP BY e.`EmployeeId`, e.`FirstName`, e.`LastName`
         ORDER BY ROUND(SUM(i.`Total`), 2) DESC, e.`EmployeeId`",
    ),
    (
        "longest_of_each_media_type",
        "ttti",
        "SELECT m.`Name`, t.`Name`, r.`Name`, t.`Milliseconds` FROM `MediaType` m LEFT JOIN `Track` t ON t.`TrackId` =
         (SELECT u.`TrackId` FROM `Track` u WHERE u.`MediaTypeId` = m.`MediaTypeId`
         ORDER BY u.`Milliseconds` DESC, u.`TrackId` LIMIT 1) LEFT JOIN `Album` a ON a.`AlbumId` = t.`AlbumId`
         LEFT JOIN `Artist` r ON r.`ArtistId` = a.`ArtistId` ORDER BY m.`MediaTypeId`",
    ),
    (
        "genre_shares",
        "tm6",
        "SELECT g.`Name`, SUM(l.`UnitPrice` * l.`Quantity`), ROUND(SUM(l.`UnitPrice` * l.`Quantity`) * 100 /
         (SELECT SUM(`UnitPrice` * `Quantity`) FROM `InvoiceLine`), 6) FROM `Genre` g
         JOIN `Track` t ON t.`GenreId` = g.`GenreId` JOIN `InvoiceLine` l ON l.`TrackId` = t.`TrackId`
         GROUP BY g.`GenreId`, g.`Name` ORDER BY ROUND(SUM(l.`UnitPrice` * l.`Quantity`), 2) DESC, g.`GenreId`",
    ),
    (
        "lost_customers",
        "itt",
        "SELECT c.`CustomerId`, CONCAT(c.`FirstName`, ' ', c.`LastName`), c.`Country` FROM `Customer` c
         WHERE c.`CustomerId` NOT IN (SELECT `CustomerId` FROM `Invoice` WHERE `InvoiceDate` >= '2025-07-01 00:00:00')
         ORDER BY c.`CustomerId`",
    ),
    (
        "duplicate_names",
        "tii",
        "SELECT `Name`, COUNT(*), COUNT(DISTINCT `AlbumId`) FROM `Track` GROUP BY `Name` HAVING COUNT(*) > 1
         ORDER BY COUNT(*) DESC, `Name`",
    ),
    (
        "above_average",
        "itm",
        "SELECT i.`InvoiceId`, c.`LastName`, i.`Total` FROM `Invoice` i JOIN `Customer` c ON c.`CustomerId` = i.`CustomerId`
         WHERE i.`Total` > (SELECT AVG(`Total`) FROM `Invoice`) ORDER BY i.`Total` DESC, i.`InvoiceId`",
    ),
    (
        "whole_rows",
        "ttt",
        "SELECT t.`Name`, a.`Title`, g.`Name` FROM `Track` t LEFT JOIN `Album` a ON a.`AlbumId` = t.`AlbumId`
         LEFT JOIN `Genre` g ON g.`GenreId` = t.`GenreId` ORDER BY t.`TrackId` LIMIT 20",
    ),
    (
        "price_list",
        "tttm",
        "SELECT t.`Name`, a.`Title`, r.`Name`, t.`UnitPrice` FROM `Track` t LEFT JOIN `Album` a ON a.`AlbumId` = t.`AlbumId`
         LEFT JOIN `Artist` r ON r.`ArtistId` = a.`ArtistId` ORDER BY t.`UnitPrice` DESC, t.`Name`, t.`TrackId`
         LIMIT 10 OFFSET 10",
    ),
    (
        "search",
        "it",
        "SELECT t.`TrackId`, t.`Name` FROM `Track` t JOIN `Album` a ON a.`AlbumId` = t.`AlbumId`
         JOIN `Artist` r ON r.`ArtistId` = a.`ArtistId` JOIN `Genre` g ON g.`GenreId` = t.`GenreId`
         WHERE LOWER(r.`Name`) LIKE '%bl%' AND t.`Milliseconds` >= 180000 AND g.`Name` IN ('Rock', 'Jazz', 'Metal')
         AND t.`TrackId` IN (SELECT x.`TrackId` FROM `PlaylistTrack` x
         JOIN `Playlist` p ON p.`PlaylistId` = x.`PlaylistId` WHERE p.`Name` = 'Music') ORDER BY t.`TrackId` LIMIT 30",
    ),
    (
        "last_invoices",
        "ttwm",
        "SELECT CONCAT(c.`FirstName`, ' ', c.`LastName`), CASE WHEN c.`Phone` IS NULL THEN c.`Email` ELSE c.`Phone` END,
         i.`InvoiceDate`, i.`Total` FROM `Customer` c LEFT JOIN (SELECT `CustomerId`, `InvoiceDate`, `Total`,
         ROW_NUMBER() OVER (PARTITION BY `CustomerId` ORDER BY `InvoiceDate` DESC, `InvoiceId` DESC) AS place FROM `Invoice`)
         i ON i.`CustomerId` = c.`CustomerId` AND i.place = 1 ORDER BY c.`CustomerId`",
    ),
    (
        "length_bands",
        "tifm",
        "SELECT s.band, COUNT(*), AVG(@float(s.ms)), MAX(s.price) FROM (SELECT CASE WHEN `Milliseconds` < 180000 THEN 'short'
         WHEN `Milliseconds` < 360000 THEN 'usual' ELSE 'long' END AS band, `Milliseconds` AS ms, `UnitPrice` AS price
         FROM `Track`) s GROUP BY s.band ORDER BY s.band DESC",
    ),
    (
        "companies",
        "ti",
        "SELECT s.company, COUNT(*) FROM (SELECT CASE WHEN `Company` IS NULL THEN '(private)' ELSE `Company` END AS company
         FROM `Customer`) s GROUP BY s.company ORDER BY COUNT(*) DESC, s.company",
    ),
    ("wanted_artists", "it", "SELECT `ArtistId`, `Name` FROM `Artist` WHERE `ArtistId` IN (1, 3, 4000) ORDER BY `ArtistId`"),
    (
        "live_albums",
        "ttt",
        "SELECT r.`Name`, a.`Title`, t.`Name` FROM `Artist` r JOIN `Album` a ON a.`ArtistId` = r.`ArtistId`
         JOIN `Track` t ON t.`AlbumId` = a.`AlbumId` WHERE @live(a.`Title`) AND t.`Milliseconds` > 300000
         ORDER BY r.`ArtistId`, a.`AlbumId`, t.`TrackId`",
    ),
    (
        "genres_of_playlists",
        "iti",
        "SELECT p.`PlaylistId`, g.`Name`, COUNT(t.`TrackId`) FROM `Playlist` p
         LEFT JOIN `PlaylistTrack` x ON x.`PlaylistId` = p.`PlaylistId` LEFT JOIN `Track` t ON t.`TrackId` = x.`TrackId`
         LEFT JOIN `Genre` g ON g.`GenreId` = t.`GenreId` GROUP BY p.`PlaylistId`, g.`Name` ORDER BY p.`PlaylistId`, g.`Name`",
    ),
    (
        "cities",
        "tt",
        "SELECT `BillingCountry`, `BillingCity` FROM `Invoice` GROUP BY `BillingCountry`, `BillingCity`
         ORDER BY `BillingCountry`, `BillingCity`",
    ),
    (
        "busiest_days",
        "iiim",
        "SELECT @quarter(`InvoiceDate`), @weekday(`InvoiceDate`), COUNT(*), SUM(`Total`) FROM `Invoice` GROUP BY 1, 2
         ORDER BY 1, 2",
    ),
    (
        "best_days",
        "dm",
        "SELECT s.day, s.revenue FROM (SELECT @day(`InvoiceDate`) AS day, ROUND(SUM(`Total`), 2) AS revenue FROM `Invoice`
         GROUP BY 1) s ORDER BY s.revenue DESC, s.day LIMIT 5",
    ),
    (
        "jazz_buyers",
        "tii",
        "SELECT s.customer, s.jazz, s.pieces FROM (SELECT c.`CustomerId` AS id,
         CONCAT(c.`FirstName`, ' ', c.`LastName`) AS customer, SUM(CASE WHEN g.`Name` = 'Jazz' THEN l.`Quantity` END) AS jazz,
         SUM(l.`Quantity`) AS pieces FROM `Customer` c JOIN `Invoice` i ON i.`CustomerId` = c.`CustomerId`
         JOIN `InvoiceLine` l ON l.`InvoiceId` = i.`InvoiceId` JOIN `Track` t ON t.`TrackId` = l.`TrackId`
         LEFT JOIN `Genre` g ON g.`GenreId` = t.`GenreId` GROUP BY c.`CustomerId`, c.`FirstName`, c.`LastName`) s
         WHERE s.jazz IS NOT NULL ORDER BY s.jazz DESC, s.id",
    ),
    (
        "much_listed",
        "ti",
        "SELECT t.`Name`, COUNT(*) FROM `Track` t JOIN `PlaylistTrack` x ON x.`TrackId` = t.`TrackId`
         GROUP BY t.`TrackId`, t.`Name` HAVING COUNT(*) > 2 ORDER BY COUNT(*) DESC, t.`TrackId` LIMIT 20",
    ),
    (
        "dearest_sale",
        "ittm",
        "SELECT i.`InvoiceId`, c.`LastName`, e.`LastName`, i.`Total` FROM `Invoice` i
         JOIN `Customer` c ON c.`CustomerId` = i.`CustomerId` LEFT JOIN `Employee` e ON e.`EmployeeId` = c.`SupportRepId`
         ORDER BY i.`Total` DESC, i.`InvoiceId` LIMIT 1",
    ),
    (
        "productive_artists",
        "tit",
        "SELECT s.artist, s.albums, a.`Title` FROM (SELECT r.`ArtistId` AS id, r.`Name` AS artist, COUNT(*) AS albums,
         MAX(a.`AlbumId`) AS latest FROM `Artist` r JOIN `Album` a ON a.`ArtistId` = r.`ArtistId`
         GROUP BY r.`ArtistId`, r.`Name` HAVING COUNT(*) >= 2) s JOIN `Album` a ON a.`AlbumId` = s.latest
         ORDER BY s.albums DESC, s.id",
    ),
    (
        "half_reachable",
        "ttt",
        "SELECT CONCAT(`FirstName`, ' ', `LastName`), `Phone`, `Fax` FROM `Customer`
         WHERE `Phone` IS NULL AND `Fax` IS NOT NULL OR `Phone` IS NOT NULL AND `Fax` IS NULL ORDER BY `CustomerId`",
    ),
    (
        "playlist_prices",
        "tm",
        "SELECT p.`Name`, ROUND(SUM(t.`UnitPrice`), 2) FROM `Playlist` p
         JOIN `PlaylistTrack` x ON x.`PlaylistId` = p.`PlaylistId` JOIN `Track` t ON t.`TrackId` = x.`TrackId`
         GROUP BY p.`PlaylistId`, p.`Name` ORDER BY ROUND(SUM(t.`UnitPrice`), 2) DESC, p.`PlaylistId`",
    ),
    (
        "agents_abroad",
        "ttt",
        "SELECT e.`LastName`, CONCAT(c.`FirstName`, ' ', c.`LastName`), c.`Country` FROM `Customer` c
         JOIN `Employee` e ON e.`EmployeeId` = c.`SupportRepId`
         WHERE NOT (c.`Country` = e.`Country` AND c.`Country` IS NOT NULL AND e.`Country` IS NOT NULL)
         ORDER BY e.`EmployeeId`, c.`CustomerId`",
    ),
    (
        "revenue_by_year",
        "immi",
        "SELECT @year(i.`InvoiceDate`), SUM(i.`Total`), SUM(CASE WHEN c.`Country` = e.`Country` THEN i.`Total` END),
         COUNT(DISTINCT e.`EmployeeId`) FROM `Invoice` i JOIN `Customer` c ON c.`CustomerId` = i.`CustomerId`
         LEFT JOIN `Employee` e ON e.`EmployeeId` = c.`SupportRepId` GROUP BY 1 ORDER BY 1",
    ),
    (
        "typical_customer",
        "6mf",
        "SELECT ROUND(AVG(s.spent), 6), MAX(s.spent), AVG(@float(s.invoices)) FROM (SELECT c.`CustomerId`,
         ROUND(SUM(i.`Total`), 2) AS spent, COUNT(i.`InvoiceId`) AS invoices FROM `Customer` c
         LEFT JOIN `Invoice` i ON i.`CustomerId` = c.`CustomerId` GROUP BY c.`CustomerId`) s",
    ),
    (
        "largest_three",
        "6m",
        "SELECT ROUND(AVG(s.total), 6), MIN(s.total) FROM (SELECT `Total` AS total FROM `Invoice`
         ORDER BY `Total` DESC, `InvoiceId` LIMIT 3) s",
    ),
    ("countries", "i", "SELECT COUNT(DISTINCT `BillingCountry`) FROM `Invoice`"),
];
