"""Events of cases sent to organisations' own systems, signed by Standard Webhooks, until they are taken in or given up."""
