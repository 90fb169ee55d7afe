//! Plugin host, virtual-time engine, trace store and study plan of Lamarck
