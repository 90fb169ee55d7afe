//! What several test files share.

#![allow(dead_code, unreachable_pub, reason = "every test file uses some of it, from its own root")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "small positive numbers, and the smallest of some compared with itself"
)]

pub mod generate;
pub mod naive;
