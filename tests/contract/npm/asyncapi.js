// Reads an AsyncAPI document and prints what AsyncAPI's parser finds wrong with it, as JSON: [severity, code, message, path].
import { Parser } from "@asyncapi/parser";

const { diagnostics } = await new Parser().parse((await process.stdin.setEncoding("utf-8").toArray()).join(""));
console.log(JSON.stringify(diagnostics.map((each) => [each.severity, each.code, each.message, each.path.join("/")])));
