//! What a swap promises (I6), without sockets.
