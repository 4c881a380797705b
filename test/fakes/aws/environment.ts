/** Makes the SDK of this process ask these endpoints, with credentials that are nobody's. */
export const askInstead = (endpoints: Readonly<Record<`AWS_ENDPOINT_URL_${string}`, string>>): void => {
  Object.assign(process.env, {
    ...endpoints,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
};
