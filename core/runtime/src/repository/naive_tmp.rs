//! Temporary.
use lamarck_model::CandidateId;
use lamarck_model::identity::LayerIdentity;
/// M.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// m
    pub model: CandidateId,
    /// s
    pub shared: usize,
}
/// I.
#[derive(Debug, Default)]
pub struct MatchIndex(Vec<(CandidateId, f64, Vec<LayerIdentity>)>);
impl MatchIndex {
    /// i
    pub fn insert(&mut self, m: CandidateId, s: f64, l: &[LayerIdentity]) {
        let mut l = l.to_vec();
        l.sort();
        self.0.push((m, s, l));
    }
    /// r
    pub fn remove(&mut self, m: CandidateId) -> bool {
        let n = self.0.len();
        self.0.retain(|x| x.0 != m);
        n != self.0.len()
    }
    /// b
    pub fn best(&self, l: &[LayerIdentity]) -> Option<Match> {
        let mut l = l.to_vec();
        l.sort();
        let mut best: Option<(usize, f64, CandidateId)> = None;
        for (m, s, x) in &self.0 {
            let c = lamarck_model::prefix::shared_count(&l, x);
            if c > 0 && best.is_none_or(|b| (c, *s) > (b.0, b.1) || (c, *s) == (b.0, b.1) && *m < b.2) {
                best = Some((c, *s, *m));
            }
        }
        best.map(|b| Match { model: b.2, shared: b.0 })
    }
}
/// s
pub fn scan() {}
