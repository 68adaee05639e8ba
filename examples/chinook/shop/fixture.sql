-- A made-up shop of Chinook's shape: its tables in the databases' own types, and a few dozen rows.

CREATE TABLE `Artist` (`ArtistId` INTEGER NOT NULL PRIMARY KEY, `Name` NVARCHAR(120));
CREATE TABLE `Album` (`AlbumId` INTEGER NOT NULL PRIMARY KEY, `Title` NVARCHAR(160) NOT NULL, `ArtistId` INTEGER NOT NULL,
    FOREIGN KEY (`ArtistId`) REFERENCES `Artist` (`ArtistId`));
CREATE TABLE `Employee` (`EmployeeId` INTEGER NOT NULL PRIMARY KEY, `LastName` NVARCHAR(20) NOT NULL,
    `FirstName` NVARCHAR(20) NOT NULL, `Title` NVARCHAR(30), `ReportsTo` INTEGER, `BirthDate` DATETIME, `HireDate` DATETIME,
    `Address` NVARCHAR(70), `City` NVARCHAR(40), `State` NVARCHAR(40), `Country` NVARCHAR(40), `PostalCode` NVARCHAR(10),
    `Phone` NVARCHAR(24), `Fax` NVARCHAR(24), `Email` NVARCHAR(60),
    FOREIGN KEY (`ReportsTo`) REFERENCES `Employee` (`EmployeeId`));
CREATE TABLE `Customer` (`CustomerId` INTEGER NOT NULL PRIMARY KEY, `FirstName` NVARCHAR(40) NOT NULL,
    `LastName` NVARCHAR(20) NOT NULL, `Company` NVARCHAR(80), `Address` NVARCHAR(70), `City` NVARCHAR(40), `State` NVARCHAR(40),
    `Country` NVARCHAR(40), `PostalCode` NVARCHAR(10), `Phone` NVARCHAR(24), `Fax` NVARCHAR(24), `Email` NVARCHAR(60) NOT NULL,
    `SupportRepId` INTEGER, FOREIGN KEY (`SupportRepId`) REFERENCES `Employee` (`EmployeeId`));
CREATE TABLE `Invoice` (`InvoiceId` INTEGER NOT NULL PRIMARY KEY, `CustomerId` INTEGER NOT NULL,
    `InvoiceDate` DATETIME NOT NULL, `BillingAddress` NVARCHAR(70), `BillingCity` NVARCHAR(40), `BillingState` NVARCHAR(40),
    `BillingCountry` NVARCHAR(40), `BillingPostalCode` NVARCHAR(10), `Total` NUMERIC(10,2) NOT NULL,
    FOREIGN KEY (`CustomerId`) REFERENCES `Customer` (`CustomerId`));
CREATE TABLE `Genre` (`GenreId` INTEGER NOT NULL PRIMARY KEY, `Name` NVARCHAR(120));
CREATE TABLE `MediaType` (`MediaTypeId` INTEGER NOT NULL PRIMARY KEY, `Name` NVARCHAR(120));
CREATE TABLE `Track` (`TrackId` INTEGER NOT NULL PRIMARY KEY, `Name` NVARCHAR(200) NOT NULL, `AlbumId` INTEGER,
    `MediaTypeId` INTEGER NOT NULL, `GenreId` INTEGER, `Composer` NVARCHAR(220), `Milliseconds` INTEGER NOT NULL,
    `Bytes` INTEGER, `UnitPrice` NUMERIC(10,2) NOT NULL,
    FOREIGN KEY (`AlbumId`) REFERENCES `Album` (`AlbumId`), FOREIGN KEY (`GenreId`) REFERENCES `Genre` (`GenreId`),
    FOREIGN KEY (`MediaTypeId`) REFERENCES `MediaType` (`MediaTypeId`));
CREATE TABLE `InvoiceLine` (`InvoiceLineId` INTEGER NOT NULL PRIMARY KEY, `InvoiceId` INTEGER NOT NULL,
    `TrackId` INTEGER NOT NULL, `UnitPrice` NUMERIC(10,2) NOT NULL, `Quantity` INTEGER NOT NULL,
    FOREIGN KEY (`InvoiceId`) REFERENCES `Invoice` (`InvoiceId`), FOREIGN KEY (`TrackId`) REFERENCES `Track` (`TrackId`));
CREATE TABLE `Playlist` (`PlaylistId` INTEGER NOT NULL PRIMARY KEY, `Name` NVARCHAR(120));
CREATE TABLE `PlaylistTrack` (`PlaylistId` INTEGER NOT NULL, `TrackId` INTEGER NOT NULL,
    PRIMARY KEY (`PlaylistId`, `TrackId`), FOREIGN KEY (`PlaylistId`) REFERENCES `Playlist` (`PlaylistId`),
    FOREIGN KEY (`TrackId`) REFERENCES `Track` (`TrackId`));

INSERT INTO `Artist` VALUES (1, 'The Blue Herons'), (2, 'Ada & the Loops'), (3, 'Black Umbrella'), (4, 'Quartetto Órbita'),
    (5, 'The Unheard'), (6, NULL);
INSERT INTO `Album` VALUES (1, 'Marshlands', 1), (2, 'Live at the Dam', 1), (3, 'Recursion', 2), (4, 'Rain Dates', 3),
    (5, 'Nocturnes', 4), (6, 'Live Wires', 3);
INSERT INTO `Genre` VALUES (1, 'Rock'), (2, 'Jazz'), (3, 'Metal'), (4, 'Classical'), (5, NULL);
INSERT INTO `MediaType` VALUES (1, 'MPEG audio file'), (2, 'AAC audio file'), (3, 'Wax cylinder');
INSERT INTO `Track` VALUES
    (1, 'Reeds', 1, 1, 1, 'I. Heron', 214000, 6000001, 0.99), (2, 'Low Water', 1, 1, 1, NULL, 372000, 9000001, 0.99),
    (3, 'Reeds', 2, 1, 1, 'I. Heron', 431000, NULL, 0.99), (4, 'The Sluice', 2, 1, 1, NULL, 2650000, 80000001, 1.99),
    (5, 'Encore', 2, 2, 1, NULL, 1200000, 40000001, 1.99), (6, 'Base Case', 3, 2, 2, 'A. Loop', 121000, 3000001, 0.99),
    (7, 'Step', 3, 2, 2, 'A. Loop', 245000, 5000001, 0.99), (8, 'Stack', 3, 2, 2, 'A. Loop', 245000, 5000002, 1.29),
    (9, 'Umbrella Song', 4, 1, 3, NULL, 301000, 7000001, 0.99), (10, 'Drizzle', 4, 1, 3, NULL, 187000, 4000001, 0.99),
    (11, 'Downpour', 4, 1, 3, 'B. U.', 365000, 8000001, 0.99), (12, 'Puddles', 4, 1, 3, NULL, 154000, 3500001, 0.99),
    (13, 'Nocturne I', 5, 2, 4, 'C. Órbita', 512000, 9900001, 1.49), (14, 'Nocturne II', 5, 2, 4, 'C. Órbita', 498000, 9800001, 1.49),
    (15, 'Encore', 6, 1, 3, NULL, 290000, 6600001, 0.99), (16, 'Sparks', 6, 1, 1, NULL, 333000, 6700001, 0.99),
    (17, 'Hidden Track', NULL, 1, NULL, NULL, 62000, NULL, 0.49);
INSERT INTO `Employee` VALUES
    (1, 'Ahlgren', 'Maja', 'Owner', NULL, '1970-03-01 00:00:00', '2001-05-02 00:00:00', NULL, 'Malmö', NULL, 'Sweden', NULL, '+46 1', '+46 2', 'maja@shop.example'),
    (2, 'Brandt', 'Otto', 'Sales Manager', 1, '1980-12-24 00:00:00', '2010-01-01 00:00:00', NULL, 'Kiel', NULL, 'Germany', NULL, NULL, NULL, NULL),
    (3, 'Costa', 'Inês', 'Sales Support Agent', 2, NULL, '2019-08-12 00:00:00', NULL, 'Porto', NULL, 'Portugal', NULL, NULL, NULL, NULL),
    (4, 'Dubois', 'Luc', 'Sales Support Agent', 2, NULL, NULL, NULL, 'Lille', NULL, 'France', NULL, NULL, NULL, NULL);
INSERT INTO `Customer` VALUES
    (1, 'Ana', 'Silva', 'Lighthouse Ltd', NULL, 'Porto', NULL, 'Portugal', '4000', '+351 1', '+351 2', 'ana@mail.example', 3),
    (2, 'Rui', 'Lopes', NULL, NULL, 'Lisboa', NULL, 'Portugal', NULL, '+351 3', NULL, 'rui@mail.example', 3),
    (3, 'Eva', 'Klein', 'Lighthouse Ltd', NULL, 'Kiel', NULL, 'Germany', '24103', NULL, NULL, 'eva@mail.example', 3),
    (4, 'Jan', 'Groß', NULL, NULL, 'Bremen', 'HB', 'Germany', NULL, '+49 1', '+49 2', 'jan@mail.example', 4),
    (5, 'Zoé', 'Martin', NULL, NULL, 'Lyon', NULL, 'France', NULL, NULL, '+33 1', 'zoe@mail.example', 4),
    (6, 'Tom', 'Nilsson', NULL, NULL, 'Umeå', NULL, NULL, NULL, NULL, NULL, 'tom@mail.example', NULL);
INSERT INTO `Invoice` VALUES
    (1, 1, '2024-11-29 00:00:00', NULL, 'Porto', NULL, 'Portugal', NULL, 2.97), (2, 2, '2024-12-31 00:00:00', NULL, 'Lisboa', NULL, 'Portugal', NULL, 2.97),
    (3, 3, '2025-01-01 00:00:00', NULL, 'Kiel', NULL, 'Germany', NULL, 7.45), (4, 1, '2025-02-14 00:00:00', NULL, 'Porto', NULL, 'Portugal', NULL, 5.97),
    (5, 4, '2025-02-28 00:00:00', NULL, 'Bremen', 'HB', 'Germany', NULL, 9.92), (6, 3, '2025-07-01 00:00:00', NULL, 'Kiel', NULL, 'Germany', NULL, 2.28),
    (7, 4, '2025-08-31 00:00:00', NULL, 'Bremen', 'HB', 'Germany', NULL, 3.98), (8, 6, '2025-12-31 00:00:00', NULL, NULL, NULL, NULL, NULL, 1.98);
INSERT INTO `InvoiceLine` VALUES
    (1, 1, 1, 0.99, 1), (2, 1, 2, 0.99, 1), (3, 1, 3, 0.99, 1), (4, 2, 6, 0.99, 2), (5, 2, 9, 0.99, 1),
    (6, 3, 13, 1.49, 1), (7, 3, 14, 1.49, 2), (8, 3, 4, 1.99, 1), (9, 3, 7, 0.99, 1), (10, 4, 4, 1.99, 3),
    (11, 5, 1, 0.99, 4), (12, 5, 5, 1.99, 2), (13, 5, 11, 0.99, 1), (14, 5, 15, 0.99, 1), (15, 6, 8, 1.29, 1),
    (16, 6, 6, 0.99, 1), (17, 7, 4, 1.99, 2), (18, 8, 9, 0.99, 1), (19, 8, 16, 0.99, 1);
INSERT INTO `Playlist` VALUES (1, 'Music'), (2, 'Calm'), (3, 'Empty'), (4, 'Music'), (5, NULL);
INSERT INTO `PlaylistTrack` VALUES (1, 1), (1, 2), (1, 6), (1, 9), (1, 11), (1, 13), (2, 13), (2, 14), (2, 1), (4, 1), (4, 11),
    (4, 15), (5, 17), (5, 13);
