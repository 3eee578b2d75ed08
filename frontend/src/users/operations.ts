import { graphql } from "../graphql/graphql.ts";

export const USERS = graphql(`
  query Users {
    users(first: 1000) {
      edges { node { id username displayName email role disabled scope createdAt lastSignIn } }
      pageInfo { hasNextPage }
    }
  }
`);

export const CREATE_USER = graphql(`
  mutation CreateUser($input: NewUser!) { createUser(input: $input) { id } }
`);

export const CHANGE_USER = graphql(`
  mutation ChangeUser($id: ID!, $input: UserChange!) { changeUser(id: $id, input: $input) { id } }
`);

export const SET_PASSWORD = graphql(`
  mutation SetPassword($id: ID!, $password: String!) { setPassword(id: $id, password: $password) }
`);

export const END_SESSIONS_OF = graphql(`
  mutation EndSessionsOf($user: ID!) { endSessionsOf(user: $user) }
`);

export const REMOVE_USER = graphql(`
  mutation RemoveUser($id: ID!) { removeUser(id: $id) { id } }
`);
