// Written by emshim: where the program looks for its shared libraries, in the order of ld.so(8); last
// where they were when it was linked.
(() => {
  const fs = require('fs'), path = require('path');
  const given = Module['locateFile'];
  const split = (folders) => (folders || '').split(':').filter((folder) => folder);
  Module['locateFile'] = (name, own) => {
    if (!/\.(so|dylib)(\.[0-9]+)*$/.test(name) || path.isAbsolute(name)) {
      return given ? given(name, own) : own + name;
    }
    const origin = (folder) => folder.replace(/^\$(ORIGIN|\{ORIGIN\})(?=\/|$)/, path.resolve(own));
    const folders = [...split(process.env['LD_LIBRARY_PATH']), ...RUN_PATH.map(origin), own, ...LINKED];
    const places = folders.map((folder) => path.resolve(folder, name));
    const found = places.find((place) => fs.existsSync(place));
    if (found === undefined) {
      const searched = folders.map((folder) => path.resolve(folder)).join(', ');
      process.stderr.write(`${process.argv[1]}: error while loading shared libraries: ${name} is in none of: ${searched}\n`);
      process.exit(127);
    }
    return found;
  };
})();
