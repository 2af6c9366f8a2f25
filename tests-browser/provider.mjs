// A sign-on provider (OpenID Connect) as a process of its own, for the test of single sign-on.
//   node provider.mjs PORT REDIRECT SIGNED-OUT
// Its page for signing in takes any name; the name is the subject.
import Provider from "oidc-provider";

const [port, redirect, signedOut] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: "vungxanh",
    client_secret: "a secret of the test",
    redirect_uris: [redirect],
    post_logout_redirect_uris: [signedOut],
  }],
  cookies: { keys: ["a key of the test"] },
  pkce: { required: () => true },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
