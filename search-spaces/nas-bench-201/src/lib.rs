//! NAS-Bench-201 for Lamarck: the space and the table of its real results
