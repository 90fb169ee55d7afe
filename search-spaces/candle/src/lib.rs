//! The search spaces of the CANDLE cancer benchmarks.
