/** R = k N_A in kcal/mol/K (SI 2019; the thermochemical calorie of 4.184 J). */
export const gasConstant = (1.380649e-23 * 6.02214076e23) / 4184;
