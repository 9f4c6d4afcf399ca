//! Windows, pages and cursors.
