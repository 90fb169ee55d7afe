//! What the author of a Lamarck plugin depends on
