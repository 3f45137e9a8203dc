"""What the Vendure connector asks, in GraphQL (Vendure 3.7)."""

LOGIN = """mutation ($username: String!, $password: String!) {
  login(username: $username, password: $password, rememberMe: false) {
    __typename ... on CurrentUser { id } ... on ErrorResult { errorCode message }
  }
}"""

#: one selection only: Vendure resolves every field of every product, and enabled is all we compare
UPDATE = "mutation ($input: [UpdateProductInput!]!) { updateProducts(input: $input) { id enabled } }"

KNOWN = """query ($ids: [String!], $take: Int!) {
  products(options: { filter: { id: { in: $ids } }, take: $take }) { items { id enabled } }
}"""

CATALOGUE = """query ($take: Int!, $skip: Int!) {
  products(options: { take: $take, skip: $skip, sort: { id: ASC } }) {
    items {
      id name slug description enabled
      featuredAsset { preview } assets { preview }
      variantList(options: { take: 1, sort: { id: ASC } }) { items { price currencyCode } }
    }
    totalItems
  }
}"""


def visible(count: int) -> str:
    """Asks the shop API for `count` products at once; what is not on show is null. Search lags, this does not."""
    variables = ", ".join(f"$p{i}: ID!" for i in range(count))
    fields = " ".join(f"p{i}: product(id: $p{i}) {{ id }}" for i in range(count))
    return f"query ({variables}) {{ {fields} }}"
