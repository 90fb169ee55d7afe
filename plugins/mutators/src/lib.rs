//! Mutation operators: one-decision, generation-weighted, node-first
