//! Tables of NAS-Bench-201 results: format, embedded copy and importers
