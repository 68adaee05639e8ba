//! The shop's models where tables and columns have PascalCase names.

shop! {
    "PascalCase",
    album: "Album", artist: "Artist", customer: "Customer", employee: "Employee", genre: "Genre", invoice: "Invoice",
    invoice_line: "InvoiceLine", media_type: "MediaType", playlist: "Playlist", playlist_track: "PlaylistTrack",
    track: "Track", reports_to: "ReportsTo", support_rep: "SupportRepId", playlist_id: "PlaylistId", track_id: "TrackId",
}
