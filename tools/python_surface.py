"""Lists the public names of Python's http.server, requests and urllib3's Retry, and writes them to a file.

    python3.11 tools/python_surface.py tools/python_surface.json
    python3.13 tools/python_surface.py tools/python_surface.json   # adds what this one has

Run it with every Python at hand, and once with one that has requests. Names that are in the file stay; new ones and new
parameters are added. Nothing is imported: the sources are read. What Python 3.14 and 3.15 add stands at the end.
"""

import ast
import importlib.util
import json
import platform
import sys

# The modules, and which of their classes count; None for all of them.
MODULES = {
    "http.server": None,
    "socketserver": ["BaseServer", "TCPServer", "ThreadingMixIn", "BaseRequestHandler", "StreamRequestHandler"],
    "http.cookiejar": ["CookieJar"],
    "requests.__version__": None,
    "requests.api": None,
    "requests.sessions": None,
    "requests.models": None,
    "requests.adapters": None,
    "requests.auth": None,
    "requests.cookies": None,
    "requests.hooks": None,
    "requests.structures": None,
    "requests.status_codes": None,
    "requests.exceptions": None,
    "requests.utils": None,
    "requests.certs": None,
    "requests.help": None,
    "requests.packages": None,
    "urllib3.util.retry": ["Retry"],
}

# Methods of Python's protocols that a user notices.
SPECIAL = {
    "__call__", "__enter__", "__exit__", "__iter__", "__next__", "__bool__", "__len__", "__eq__",
    "__getitem__", "__setitem__", "__delitem__", "__contains__",
}

# Names that a module takes from another package and documents as its own.
TAKEN_OVER = {"requests.certs.where": {"kind": "function", "parameters": []}}

# From the documentation of Python 3.14 and 3.15.
ADDED_LATER = {
    "http.server.HTTPSServer": {
        "kind": "class",
        "parameters": [
            "server_address", "RequestHandlerClass", "bind_and_activate",
            "certfile", "keyfile", "password", "alpn_protocols",
        ],
    },
    "http.server.HTTPSServer.certfile": {"kind": "attribute"},
    "http.server.HTTPSServer.keyfile": {"kind": "attribute"},
    "http.server.HTTPSServer.password": {"kind": "attribute"},
    "http.server.HTTPSServer.alpn_protocols": {"kind": "attribute"},
    "http.server.HTTPSServer.server_activate": {"kind": "method", "parameters": []},
    "http.server.ThreadingHTTPSServer": {"kind": "class"},
    "http.server.SimpleHTTPRequestHandler": {"kind": "class", "parameters": ["extra_response_headers"]},
    "http.server.SimpleHTTPRequestHandler.extra_response_headers": {"kind": "attribute"},
    "http.server.SimpleHTTPRequestHandler.default_content_type": {"kind": "attribute"},
}


def is_public(name):
    return not name.startswith("_")


def parameters_of(function):
    args = function.args
    names = [arg.arg for arg in args.posonlyargs + args.args + args.kwonlyargs]
    return [name for name in names if name not in ("self", "cls") and is_public(name)]


def assigned(statement):
    """The names that a statement of a module or a class gives a value, or a type."""
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        return []
    names = []
    for target in targets:
        for node in target.elts if isinstance(target, ast.Tuple) else [target]:
            if isinstance(node, ast.Name):
                names.append(node.id)
    return names


def instance_attributes(class_node):
    for node in ast.walk(class_node):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        for target in targets:
            for part in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "self":
                    yield part.attr


def is_property(function):
    names = [node.id for node in function.decorator_list if isinstance(node, ast.Name)]
    return "property" in names


def statements(body):
    """The statements of a body, and those under its conditions."""
    for statement in body:
        if isinstance(statement, (ast.If, ast.Try)):
            if isinstance(statement, ast.If) and getattr(statement.test, "id", None) == "TYPE_CHECKING":
                continue
            if isinstance(statement, ast.If) and isinstance(statement.test, ast.Compare):
                main = getattr(statement.test.left, "id", None) == "__name__"
                if main:
                    continue
            yield from statements(statement.body)
            yield from statements(statement.orelse)
        else:
            yield statement


def names_of_class(path, node):
    found = {path: {"kind": "class"}}
    for statement in statements(node.body):
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if statement.name == "__init__":
                found[path]["parameters"] = parameters_of(statement)
            elif is_public(statement.name) or statement.name in SPECIAL:
                entry = {"kind": "attribute"} if is_property(statement) else {
                    "kind": "method", "parameters": parameters_of(statement),
                }
                found.setdefault(f"{path}.{statement.name}", entry)
        for name in filter(is_public, assigned(statement)):
            found.setdefault(f"{path}.{name}", {"kind": "attribute"})
    for name in filter(is_public, instance_attributes(node)):
        found.setdefault(f"{path}.{name}", {"kind": "attribute"})
    return found


def names_of_module(module, classes):
    spec = importlib.util.find_spec(module)
    with open(spec.origin, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    found = {}
    for statement in statements(tree.body):
        if isinstance(statement, ast.ClassDef):
            if is_public(statement.name) and (classes is None or statement.name in classes):
                found.update(names_of_class(f"{module}.{statement.name}", statement))
        elif classes is not None:
            continue
        elif isinstance(statement, ast.FunctionDef) and is_public(statement.name):
            found[f"{module}.{statement.name}"] = {"kind": "function", "parameters": parameters_of(statement)}
        else:
            for name in assigned(statement):
                if is_public(name) or module == "requests.__version__":
                    found[f"{module}.{name}"] = {"kind": "constant"}
    return found


def add(names, found):
    for name, entry in found.items():
        known = names.setdefault(name, entry)
        if "parameters" in entry:
            old = known.get("parameters", [])
            known["parameters"] = old + [parameter for parameter in entry["parameters"] if parameter not in old]


def status_names():
    """The names of each status in requests.codes."""
    spec = importlib.util.find_spec("requests.status_codes")
    with open(spec.origin, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    for statement in tree.body:
        if assigned(statement) == ["_codes"]:
            return {str(code): list(names) for code, names in ast.literal_eval(statement.value).items()}
    raise LookupError("requests.status_codes has no _codes")


def main(path):
    try:
        with open(path, encoding="utf-8") as file:
            surface = json.load(file)
    except FileNotFoundError:
        surface = {"sources": [], "names": {}, "codes": {}}
    sources = set(surface["sources"])
    missing = set()
    for module, classes in MODULES.items():
        package = module.split(".")[0]
        if importlib.util.find_spec(package) is None:
            missing.add(package)
            continue
        add(surface["names"], names_of_module(module, classes))
        if package in ("requests", "urllib3"):
            sources.add(f"{package} {importlib.import_module(package).__version__}")
        else:
            sources.add(f"Python {platform.python_version()}")
    for package in sorted(missing):
        print(f"{package} is not there, so nothing of it is added", file=sys.stderr)
    add(surface["names"], ADDED_LATER)
    if importlib.util.find_spec("requests") is not None:
        add(surface["names"], TAKEN_OVER)
        surface["codes"] = status_names()
    surface["sources"] = sorted(sources)
    surface["names"] = dict(sorted(surface["names"].items()))
    with open(path, "w", encoding="utf-8") as file:
        json.dump(surface, file, indent=1, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
