import { graphql } from "../graphql/graphql.ts";

export const ME = graphql(`
  query Me { me { id username displayName email role scope createdAt lastSignIn } }
`);

export const CHANGE_PROFILE = graphql(`
  mutation ChangeProfile($displayName: String, $email: String) {
    changeProfile(displayName: $displayName, email: $email) { id }
  }
`);

export const CHANGE_PASSWORD = graphql(`
  mutation ChangePassword($current: String!, $new: String!) { changePassword(current: $current, new: $new) }
`);
