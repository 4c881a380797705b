type Client = { send: (...args: never[]) => Promise<unknown> };
type Command = { readonly input: object };

/** Puts a step around each call of a client. The name is that of the command, such as `UpdateItemCommand`. */
export const aroundCalls = (
  client: Client,
  step: (call: () => Promise<unknown>, command: { readonly name: string; readonly input: object }) => Promise<unknown>,
): void => {
  const send = client.send.bind(client) as (...args: unknown[]) => Promise<unknown>;
  client.send = (...args: unknown[]) => {
    const command = args[0] as Command;
    return step(() => send(...args), { name: command.constructor.name, input: command.input });
  };
};
