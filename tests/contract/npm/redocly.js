// Lints an OpenAPI document by Redocly's recommended rules and prints what is found, as JSON: [severity, rule, message, place].
import redocly from "@redocly/openapi-core";

const config = await redocly.createConfig({ extends: ["recommended"] });
const found = await redocly.lintFromString({ source: (await process.stdin.setEncoding("utf-8").toArray()).join(""), absoluteRef: "openapi.json", config });
console.log(JSON.stringify(found.map((each) => [each.severity, each.ruleId, each.message, each.location[0]?.pointer])));
