// Runs pytest in Pyodide: CPython compiled to WebAssembly, which can load no extension of another platform.
// node pyodide.mjs SITE-PACKAGES PROJECT ARGUMENTS...; `pyodide` has to be installed where SITE-PACKAGES is.
import { createRequire } from "node:module";

const [packages, project, ...args] = process.argv.slice(2);
const { loadPyodide } = createRequire(`${packages}/`)("pyodide");
const pyodide = await loadPyodide();
for (const [place, root] of [["/packages", packages], ["/project", project]]) {
  pyodide.FS.mkdirTree(place);
  pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root }, place);
}
pyodide.globals.set("args", pyodide.toPy(args));
process.exitCode = pyodide.runPython(`
import os
import sys

sys.path.insert(0, "/packages")
sys.dont_write_bytecode = True
os.environ.update(FASTCORS_EXTENSIONS="no", FASTCORS_EXAMPLES="${process.env.FASTCORS_EXAMPLES ?? 100}")
os.chdir("/project")

import pytest

print(sys.platform, sys.version.split()[0])
int(pytest.main(list(args)))
`);
