//! Whether a pack, a case or a pallet is in a tree.

use super::{parent, Hasher, Layout, Level, Node, Subtree, EMPTY};

/// The root that a node of `height` at `index` leads to with these siblings, from the lowest up. None where the index
/// does not lie under so many siblings.
#[must_use]
pub fn fold<H: Hasher>(node: Node, height: u8, index: u64, siblings: &[Node]) -> Option<Node> {
    let mut node = node;
    let mut height = height;
    let mut index = index;
    for sibling in siblings {
        height = height.checked_add(1)?;
        node = if index & 1 == 0 {
            parent::<H>(height, &node, sibling)
        } else {
            parent::<H>(height, sibling, &node)
        };
        index >>= 1;
    }
    (index == 0).then_some(node)
}

/// Whether a leaf is the pack at `index` of the tree with this root.
#[must_use]
pub fn proves<H: Hasher>(
    root: &Node,
    layout: Layout,
    index: u64,
    leaf: Node,
    siblings: &[Node],
) -> bool {
    let place = Subtree {
        level: Level::Pack,
        index,
    };
    proves_subtree::<H>(root, layout, place, leaf, siblings)
}

/// Whether a node is the subtree at a place of the tree with this root. The proof has exactly the siblings from the
/// place's height to the root; an empty node is nothing and proves nothing.
#[must_use]
pub fn proves_subtree<H: Hasher>(
    root: &Node,
    layout: Layout,
    place: Subtree,
    node: Node,
    siblings: &[Node],
) -> bool {
    let height = layout.height(place.level);
    let expected = usize::from(layout.depth().saturating_sub(height));
    node != EMPTY
        && *root != EMPTY
        && siblings.len() == expected
        && fold::<H>(node, height, place.index, siblings).as_ref() == Some(root)
}
