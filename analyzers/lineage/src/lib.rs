//! Who descends from whom: offspring, depth, common ancestors, takeovers, survival, heritability.
