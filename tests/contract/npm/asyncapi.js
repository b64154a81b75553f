// Reads an AsyncAPI document and prints what AsyncAPI's parser finds wrong with it, as JSON: [severity, code, message, path].
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { diagnostics } = await new Parser().parse(readFileSync(0, "utf-8"));
console.log(JSON.stringify(diagnostics.map((each) => [each.severity, each.code, each.message, each.path.join("/")])));
