"""Reads a PowerShell script: says its errors, functions, commands and parameters as JSON.

usage: powershell.py FILE
"""

import json
import sys

import tree_sitter
import tree_sitter_powershell


def nodes(node):
    yield node
    for child in node.children:
        yield from nodes(child)


def main():
    with open(sys.argv[1], "rb") as file:
        octets = file.read()
    language = tree_sitter.Language(tree_sitter_powershell.language())
    root = tree_sitter.Parser(language).parse(octets).root_node
    text = lambda node: octets[node.start_byte : node.end_byte].decode()
    found = {"errors": [], "functions": [], "commands": [], "parameters": []}
    for node in nodes(root):
        if node.is_error or node.is_missing:
            found["errors"].append(f"line {node.start_point[0] + 1}: {text(node)[:60]}")
        elif node.type == "function_name":
            found["functions"].append(text(node))
        elif node.type == "command_name":
            found["commands"].append(text(node))
    # Those of the script itself; functions have theirs further in.
    for block in (it for it in root.children if it.type == "param_block"):
        for node in nodes(block):
            if node.type == "script_parameter":
                names = [text(it) for it in node.children if it.type == "variable"]
                found["parameters"] += [name.removeprefix("$") for name in names]
    print(json.dumps(found))


main()
