//! The binary boundary between Lamarck and its plugins
