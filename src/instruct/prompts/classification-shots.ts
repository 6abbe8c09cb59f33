/**
 * @file Which bundled seed tasks show a model what a classification task is: 12
 * that are and 19 that are not, as in the paper (section 2.2), alternating so that
 * neither answer comes in a long run.
 */
import type { SeedTask } from "../../data/formats/instruction-records.js";
import { AutodidactError } from "../../foundation/error.js";
import type { NaturalLanguageId } from "../language-packs/language-pack.js";
import type { ClassificationShot } from "./shots.js";

const NAMES: Readonly<Record<NaturalLanguageId, string>> = {
  en: `argument_side limerick_about_cat sort_by_year even_or_odd_product
    extract_dates_contract bin_for_waste rhyme_scheme water_boiling_altitude
    email_folder bill_split_with_tip same_city_entity find_anagrams
    triangle_type renting_first_flat_checklist passive_to_active
    language_identification number_pattern_next fact_or_opinion
    press_release_bridge code_output_loop review_recommend thesaurus_said
    dialogue_lost_umbrella stress_level_message name_and_formula
    chess_piece_by_move soften_feedback compare_bus_bicycle formal_or_informal
    metric_height glossary_sailing`,
  zh: `qinggan_panduan weixin_juanjue paixu_chaodai tongyi_xiangtong
    tiqu_dianhua laji_fenlei jitutonglong dili_hangkai kefu_yitu
    duilian_xialian shu_lun_zhenjia fanyici shige_ticai guojia_shoudu
    xiugai_bingju fanti_jianti shuzi_guilv lijie_fanfeng huanbao_changyi
    daima_jieshi xinwen_fenlei tongyici_xiangjin duihua_maicai cixing_biaoqian
    tongji_zhongweishu zhapian_shibie zhonggao_yiqi maoyi_bijiao
    youxiang_guilei danwei_huansuan lvshi_jieshi`,
};

/**
 * The shots of a language, taken from its bundled seed tasks.
 * @throws BAD_INPUT when `seeds` are not the bundled ones
 */
export function classificationShots(
  language: NaturalLanguageId,
  seeds: readonly SeedTask[],
): readonly ClassificationShot[] {
  const byName = new Map(seeds.map((seed) => [seed.name, seed]));
  return NAMES[language].split(/\s+/).map((name) => {
    const seed = byName.get(name);
    if (seed === undefined) {
      throw new AutodidactError(
        "BAD_INPUT",
        `The bundled seed tasks have no task called “${name}”, which the prompts show as an example. Reinstall the package, or restore seeds/${language}.jsonl.`,
        { language, name },
      );
    }
    return {
      instruction: seed.instruction,
      isClassification: seed.is_classification,
    };
  });
}
