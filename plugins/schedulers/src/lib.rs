//! Schedulers: which ready candidate goes to which idle worker
