//! What a light is like, as far as it is remembered.

use crate::wire::{Change, Color, ColorTemperature, Dimming, Light, On, Xy};

/// Whether a light is on, how bright, and in which color.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LightState {
    on: bool,
    /// In per cent.
    brightness: Option<f64>,
    tint: Option<Tint>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Tint {
    /// A white, in mirek.
    White(u16),
    Color(Xy),
}

impl LightState {
    pub(crate) fn of(light: &Light) -> Self {
        let white = light.color_temperature.and_then(|temperature| temperature.mirek).map(Tint::White);
        let color = light.color.map(|color| Tint::Color(color.xy));
        // A color bulb that shows a white tells both, and the white is what it was told.
        let tint = white.or(color);
        Self { on: light.on.on, brightness: light.dimming.map(|dimming| dimming.brightness), tint }
    }

    /// Whether they look the same. Two that are off do, whatever they would be like if they were on; and bulbs round
    /// what they are told.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        const BRIGHTNESS: f64 = 1.0;
        const MIREK: u16 = 2;
        const XY: f64 = 0.01;
        let near = |a: f64, b: f64, by: f64| (a - b).abs() <= by;
        if !self.on && !other.on {
            return true;
        }
        let as_bright = match (self.brightness, other.brightness) {
            (Some(a), Some(b)) => near(a, b, BRIGHTNESS),
            (None, None) => true,
            _ => false,
        };
        let same_tint = match (self.tint, other.tint) {
            (Some(Tint::White(a)), Some(Tint::White(b))) => a.abs_diff(b) <= MIREK,
            (Some(Tint::Color(a)), Some(Tint::Color(b))) => near(a.x, b.x, XY) && near(a.y, b.y, XY),
            (None, None) => true,
            _ => false,
        };
        self.on == other.on && as_bright && same_tint
    }

    /// The same, switched on.
    pub(crate) fn lit(&self) -> Self {
        Self { on: true, ..self.clone() }
    }

    /// What makes a light that is `found` so like this, in this order.
    ///
    /// What is off takes no brightness and no color: a light that was off before gets both while it is still on, so that
    /// it will be the old one when it is switched on.
    pub(crate) fn changes_from(&self, found: &Self) -> Vec<Change> {
        let look = Change {
            dimming: self.brightness.map(|brightness| Dimming { brightness }),
            color_temperature: match self.tint {
                Some(Tint::White(mirek)) => Some(ColorTemperature { mirek: Some(mirek) }),
                Some(Tint::Color(_)) | None => None,
            },
            color: match self.tint {
                Some(Tint::Color(xy)) => Some(Color { xy }),
                Some(Tint::White(_)) | None => None,
            },
            ..Change::default()
        };
        let switch = |on| Some(On { on });
        if self.on {
            return vec![Change { on: switch(true), ..look }];
        }
        let off = Change { on: switch(false), ..Change::default() };
        if found.on && !found.is_like(&self.lit()) { vec![look, off] } else { vec![off] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(on: bool, brightness: f64, tint: Tint) -> LightState {
        LightState { on, brightness: Some(brightness), tint: Some(tint) }
    }

    const RED: Tint = Tint::Color(Xy { x: 0.675, y: 0.322 });
    const WARM: Tint = Tint::White(366);

    #[test]
    fn what_looks_the_same_is_the_same() {
        for (a, b, wanted) in [
            (state(true, 50.0, WARM), state(true, 50.0, WARM), true),
            (state(true, 50.0, WARM), state(true, 50.59, Tint::White(367)), true),
            (state(true, 50.0, RED), state(true, 50.0, Tint::Color(Xy { x: 0.6701, y: 0.325 })), true),
            (state(false, 50.0, WARM), state(false, 90.0, RED), true),
            (state(true, 50.0, WARM), state(false, 50.0, WARM), false),
            (state(true, 50.0, WARM), state(true, 55.0, WARM), false),
            (state(true, 50.0, WARM), state(true, 50.0, RED), false),
            (state(true, 50.0, WARM), state(true, 50.0, Tint::White(400)), false),
        ] {
            assert_eq!(a.is_like(&b), wanted, "{a:?} {b:?}");
            assert_eq!(b.is_like(&a), wanted, "{b:?} {a:?}");
        }
    }

    #[test]
    fn a_light_is_made_as_it_was_in_as_few_changes_as_it_takes() {
        let told = |before: &LightState, found: &LightState| {
            serde_json::to_string(&before.changes_from(found)).expect("json")
        };
        let (off, lit) = (state(false, 50.0, WARM), state(true, 50.0, WARM));
        let other = state(true, 100.0, RED);
        assert_eq!(
            told(&lit, &other),
            r#"[{"on":{"on":true},"dimming":{"brightness":50.0},"color_temperature":{"mirek":366}}]"#
        );
        assert_eq!(told(&off, &lit), r#"[{"on":{"on":false}}]"#);
        assert_eq!(
            told(&off, &other),
            r#"[{"dimming":{"brightness":50.0},"color_temperature":{"mirek":366}},{"on":{"on":false}}]"#
        );
        let plug = LightState { on: true, brightness: None, tint: None };
        assert_eq!(told(&plug, &LightState { on: false, ..plug.clone() }), r#"[{"on":{"on":true}}]"#);
    }
}
