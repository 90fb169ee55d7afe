//! A made-up score landscape over any search space.
