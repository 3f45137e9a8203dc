"""The demo world as data: companies, rights, shops and what they sell, made from hand-written tables."""

from seeds.world.build import DOMAIN, build_world
from seeds.world.things import Item, Organisation, Person, Picture, Right, Shop, World

__all__ = ["DOMAIN", "Item", "Organisation", "Person", "Picture", "Right", "Shop", "World", "build_world"]
