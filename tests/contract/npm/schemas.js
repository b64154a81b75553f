// Compiles JSON Schemas with Ajv at its strictest and prints what it refuses, as JSON. Reads {schemas: {name: [schema, [document]]},
// money: schema, most: cents}; of `money` every amount from 0 to `most` cents is tried.
import Ajv2020 from "ajv/dist/2020.js";

const asked = JSON.parse((await process.stdin.setEncoding("utf-8").toArray()).join(""));
const refused = [];
for (const [name, [schema, documents]] of Object.entries(asked.schemas)) {
  try {
    const accepts = new Ajv2020.default({ strict: true }).compile(schema);
    documents.forEach((each, at) => accepts(each) || refused.push([name, at, accepts.errors]));
  } catch (error) {
    refused.push([name, "schema", error.message]);
  }
}
const isMoney = new Ajv2020.default({ strict: true }).compile(asked.money);
const amounts = [];
for (let cents = 0; cents <= asked.most; cents++) if (!isMoney(cents / 100)) amounts.push(cents);
console.log(JSON.stringify({ refused, amounts: amounts.slice(0, 10), tried: asked.most + 1 }));
