//! What a change may say, written down once more from the documentation, not from what porch sends.

use serde_json::Value;

/// Whether a change of a `light`, or of a `grouped_light` if so, is as documented, for what `resource` can do.
pub(super) fn check(resource: &Value, change: &Value, is_grouped: bool) -> Result<(), String> {
    let fields = change.as_object().filter(|fields| !fields.is_empty()).ok_or("no object with fields")?;
    for (name, value) in fields {
        let is_good = match name.as_str() {
            "on" => only(value, &["on"]) && value["on"].is_boolean(),
            "dimming" if !is_grouped => {
                only(value, &["brightness"]) && is_in(&value["brightness"], 0.0, 100.0)
            }
            "color_temperature" if !is_grouped => {
                only(value, &["mirek"]) && is_mirek(resource, &value["mirek"])
            }
            "color" if !is_grouped => only(value, &["xy"]) && is_place(&value["xy"]),
            "alert" => {
                only(value, &["action"]) && is_listed(&resource["alert"]["action_values"], &value["action"])
            }
            "signaling" => is_signal(resource, value),
            _ => return Err(format!("unknown field `{name}`")),
        };
        let is_possible = name == "on" || resource[name].is_object();
        if !is_possible {
            return Err(format!("`{name}` is not supported"));
        }
        if !is_good {
            return Err(format!("invalid value of `{name}`"));
        }
    }
    Ok(())
}

/// Whether a change of a `scene` is as documented.
pub(super) fn check_scene(change: &Value) -> Result<(), String> {
    let actions = ["active", "static", "dynamic_palette"];
    let recall = &change["recall"];
    let is_good = only(change, &["recall"])
        && only(recall, &["action"])
        && recall["action"].as_str().is_some_and(|action| actions.contains(&action));
    if is_good { Ok(()) } else { Err("invalid value of `recall`".into()) }
}

fn only(value: &Value, names: &[&str]) -> bool {
    value.as_object().is_some_and(|fields| fields.keys().all(|name| names.contains(&name.as_str())))
}

fn is_in(value: &Value, least: f64, most: f64) -> bool {
    value.as_f64().is_some_and(|number| (least..=most).contains(&number))
}

fn is_mirek(light: &Value, value: &Value) -> bool {
    let schema = &light["color_temperature"]["mirek_schema"];
    let range = schema["mirek_minimum"].as_u64().zip(schema["mirek_maximum"].as_u64());
    let (least, most) = range.unwrap_or((153, 500));
    value.as_u64().is_some_and(|mirek| (least..=most).contains(&mirek))
}

fn is_place(xy: &Value) -> bool {
    only(xy, &["x", "y"]) && is_in(&xy["x"], 0.0, 1.0) && is_in(&xy["y"], 0.0, 1.0)
}

fn is_listed(values: &Value, value: &Value) -> bool {
    values.as_array().is_some_and(|values| values.contains(value))
}

/// Durations between whole seconds would be rounded; here they are refused.
fn is_signal(resource: &Value, value: &Value) -> bool {
    let lasts = match value["duration"].as_u64() {
        Some(duration) => duration <= 65_534_000 && duration.is_multiple_of(1000),
        None => value["duration"].is_null() && value["signal"] == "no_signal",
    };
    only(value, &["signal", "duration"])
        && lasts
        && is_listed(&resource["signaling"]["signal_values"], &value["signal"])
}
