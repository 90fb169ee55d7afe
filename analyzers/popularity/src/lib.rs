//! Which models become popular donors, for how long, and why they fall.
