//! The shop's models where tables and columns have snake_case names.

shop! {
    "snake_case",
    album: "album", artist: "artist", customer: "customer", employee: "employee", genre: "genre", invoice: "invoice",
    invoice_line: "invoice_line", media_type: "media_type", playlist: "playlist", playlist_track: "playlist_track",
    track: "track", reports_to: "reports_to", support_rep: "support_rep_id", playlist_id: "playlist_id", track_id: "track_id",
}
