/** As much of the peers as the benches call: their packages are not installed with the project, so their types are not either. */

declare module 'better-auth' {
  type Options = { readonly plugins: readonly object[]; readonly [option: string]: unknown };
  export const betterAuth: (options: Options) => {
    readonly options: Options;
    readonly handler: (request: Request) => Promise<Response>;
  };
}

declare module 'better-auth/plugins' {
  export const phoneNumber: (options: {
    readonly sendOTP: (message: { readonly phoneNumber: string; readonly code: string }) => void;
    readonly signUpOnVerification: { readonly getTempEmail: (phoneNumber: string) => string };
  }) => object;
}

declare module 'better-auth/db/migration' {
  export const getMigrations: (options: object) => Promise<{ readonly runMigrations: () => Promise<void> }>;
}

declare module '@openauthjs/openauth' {
  type Claims = Readonly<Record<string, string>>;
  type Success = { readonly subject: (type: string, properties: object) => Promise<Response> };
  export const issuer: (options: {
    readonly subjects: object;
    readonly storage: object;
    readonly providers: Readonly<Record<string, object>>;
    readonly success: (context: Success, value: { readonly claims: Claims }) => Promise<Response>;
  }) => { readonly fetch: (request: Request) => Promise<Response> | Response };
}

declare module '@openauthjs/openauth/provider/code' {
  export const CodeProvider: (ui: object) => object;
}

declare module '@openauthjs/openauth/ui/code' {
  export const CodeUI: (options: {
    readonly mode: 'email' | 'phone';
    readonly sendCode: (claims: Readonly<Record<string, string>>, code: string) => Promise<void>;
  }) => object;
}

declare module '@openauthjs/openauth/storage/memory' {
  export const MemoryStorage: () => object;
}

declare module '@openauthjs/openauth/subject' {
  export const createSubjects: (subjects: Readonly<Record<string, object>>) => object;
}
