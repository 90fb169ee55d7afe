//! x
fn hwm()->f64{ std::fs::read_to_string("/proc/self/status").unwrap().lines().find(|l|l.starts_with("VmHWM")).unwrap().split_whitespace().nth(1).unwrap().parse::<f64>().unwrap()*1024.}
fn rss()->f64{ std::fs::read_to_string("/proc/self/status").unwrap().lines().find(|l|l.starts_with("VmRSS")).unwrap().split_whitespace().nth(1).unwrap().parse::<f64>().unwrap()*1024.}
fn main(){ let a:Vec<String>=std::env::args().collect(); let f=std::fs::File::open("/tmp/cachetr/zipf10m.oracleGeneral.bin").unwrap(); let t=lamarck_cache::io::oracle_general::read(f,lamarck_cache::SizeRule::Refuse).unwrap();
t.next_use(); std::fs::write("/proc/self/clear_refs","5").unwrap(); let b=rss(); let s=lamarck_cache::simulate(&t,a[1].parse().unwrap(),a[2].parse().unwrap()).unwrap(); println!("{} {} {:.1} B/object (resident at end {})",a[1],a[2],(hwm()-b)/762_664.,s.objects_at_end);}
