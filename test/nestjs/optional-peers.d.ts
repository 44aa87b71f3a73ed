// The types of NestJS name those of packages that nobody has installed here. Nothing of them is used.
declare module '@apollo/gateway' {
  export type GatewayConfig = never
}

declare module '@mercuriusjs/gateway' {
  export type MercuriusGatewayOptions = never
}

declare module 'ts-morph' {
  export type SourceFile = never
  export type ClassDeclarationStructure = never
  export type EnumDeclarationStructure = never
  export type InterfaceDeclarationStructure = never
  export type TypeAliasDeclarationStructure = never
  export type PropertyDeclarationStructure = never
  export type PropertySignatureStructure = never
  export type MethodDeclarationStructure = never
  export type MethodSignatureStructure = never
  export type ParameterDeclarationStructure = never
  export type OptionalKind<T> = T
}
