//! Writes a build folder for the runtime: `runtime LIBF2C_FOLDER OUT`. Prints the flags, then one
//! source to compile on each line.

use camino::Utf8PathBuf;
use f2c_driver::runtime::runtime_sources;

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1).map(Utf8PathBuf::from);
    let (libf2c, out) = (
        args.next().unwrap_or_default(),
        args.next().unwrap_or_default(),
    );
    let plan = runtime_sources(&libf2c);
    std::fs::create_dir_all(&out)?;
    println!("{}", plan.flags.join(" "));
    for file in &plan.own {
        std::fs::write(out.join(file.name), file.text)?;
        if file.name.ends_with(".c") {
            println!("{}", out.join(file.name));
        }
    }
    for source in &plan.libf2c {
        println!("{source}");
    }
    Ok(())
}
