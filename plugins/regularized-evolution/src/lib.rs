//! Regularized evolution and its null models: aging, neutral and random strategies
