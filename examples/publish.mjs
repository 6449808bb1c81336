// Publishes to a channel. Node 18 or newer.
//
//     node publish.mjs http://127.0.0.1:8000 news 'hello'

const [admin, cname, content] = process.argv.slice(2);

const answer = await fetch(`${admin}/push`, {method: 'POST', body: new URLSearchParams({cname, content})});
if (!answer.ok) throw new Error(await answer.text());
process.stdout.write(await answer.text());
