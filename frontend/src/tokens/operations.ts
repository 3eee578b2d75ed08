import { graphql } from "../graphql/graphql.ts";

export const TOKENS = graphql(`
  query Tokens($all: Boolean) {
    tokens(all: $all) { id name prefix scope owner { id username } createdAt expiresAt lastUsedAt }
  }
`);

export const CREATE_TOKEN = graphql(`
  mutation CreateToken($name: String!, $scope: TokenScope!, $expiresAt: DateTime) {
    createToken(name: $name, scope: $scope, expiresAt: $expiresAt) { token apiToken { id name scope } }
  }
`);

export const REVOKE_TOKEN = graphql(`
  mutation RevokeToken($id: ID!) { revokeToken(id: $id) { id } }
`);
