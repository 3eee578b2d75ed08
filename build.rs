//! Embeds the front end anew when it was built anew. Its files have other names each time, so the
//! compiler does not see that by itself.

fn main() {
    println!("cargo::rerun-if-changed=frontend/dist");
}
