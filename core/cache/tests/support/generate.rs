//! Traces from whole numbers only, so that the same trace can be made in another language.

use lamarck_cache::{SizeRule, Trace, TraceBuilder};

/// SplitMix64, written down once more.
pub struct Draws(pub u64);

impl Draws {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    pub fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / 2_f64.powi(53)
    }
}

fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// 200,000 reads of up to 32,767 objects whose popularity falls like 1/rank, with sizes from 64 bytes to 1 MiB.
pub fn slice() -> Vec<(u64, u64)> {
    let mut draws = Draws(42);
    (0..200_000)
        .map(|_| {
            let octave = draws.next() % 15;
            let id = (1 << octave) + draws.next() % (1 << octave);
            let h = mix(id);
            (id, (64 << (h % 14)) + (h >> 32) % 64)
        })
        .collect()
}

pub fn trace(accesses: &[(u64, u64)]) -> Trace {
    let mut builder = TraceBuilder::new(SizeRule::Refuse);
    for &(id, size) in accesses {
        builder.get(id, size).unwrap();
    }
    builder.finish().unwrap()
}
